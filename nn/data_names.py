"""Given names: a small corpus for models of letters.

Compiled by hand for this project: common given names of several countries and languages, in
plain small letters a to z, each once. No list or data set was copied. Knows no other data.
"""

_TEXT = """
aaron abby abdul abel abigail ada adam adela adele adrian agatha agnes ahmed aida aiden aileen
aisha alan albert alejandro alena alessia alex alexander alexandra alfred alfredo ali alice
alicia alina alison allan alma alvin amanda amara amber amelia amina amir amy ana anastasia
andre andrea andreas andrew angela angelo angus anita ann anna annabel anne annette annika
anton antonia antonio anya april arianna ariel arjun armand arnold arthur arturo asha ashley
astrid athena aubrey audrey august aurora austin ava axel ayana barbara barry basil beatrice
becky bella ben benedict benjamin bernard bertha bessie beth bettina betty beverly bianca bill
bjorn blake bob bonnie boris brad bradley brandon brenda brian bridget brigitte bruce bruno
bryan caitlin caleb calvin cameron camilla camille cara carl carla carlos carmen carol
caroline carrie carter casper cassandra catherine cecilia cedric celeste celia celine chad
chandra charles charlie charlotte chelsea chloe chris christian christina christine
christopher cindy claire clara clarence clark claude claudia clement cleo clifford clint clyde
cole colette colin connor conrad constance cora corinne cornelia craig crystal curtis cynthia
cyril cyrus dahlia daisy dale damian dan dana daniel daniela daphne darius darren dave david
dawn dean deborah declan deepa delia denis denise dennis derek desmond devon diana diane diego
dina dirk dolores dominic don donald donna dora doreen doris dorothy doug douglas drew duncan
dustin dylan earl eddie eden edgar edith edmund edna edward edwin eileen ekaterina elaine
eleanor elena eli elias elijah elisa eliza elizabeth ella ellen elliot ellis elmer elsa elsie
emil emilia emily emma eric erica erik erin ernest esme esteban esther ethan ethel eugene
eunice eva evan evelyn ezra fabian faith fatima faye felicia felipe felix fernando fiona flora
florence floyd frances francesca francis francisco frank franklin freda frederick frieda
gabriel gabriela gail gareth garrett gary gavin gemma gene genevieve george georgia gerald
gerard gertrude gianna gilbert gina giovanni gisela giulia gladys glen gloria gordon grace
graham grant greg gregory greta guido gunther gus gustav guy gwen hadley hailey hana hank
hannah hans harold harriet harris harry harvey hassan hazel heather hector heidi helen helena
helga henrietta henry herbert herman hilary hilda holly homer hope horace howard hubert hugh
hugo ian ibrahim ida ignacio igor ilse imogen ina ines ingrid ira irena irene iris irma isaac
isabel isabella isaiah isla ivan ivy jack jackson jacob jacqueline jade jaime jake james jamie
jan jane janet janice jared jasmine jason jasper javier jay jean jeanette jeff jeffrey jenna
jennifer jenny jeremy jerome jesse jessica jill jim joan joanna joe joel johanna john jonah
jonas jonathan jordan jorge jose joseph josephine joshua joy joyce juan juanita judith judy
julia julian juliana julie juliet june justin kai kara karen karim karin karl karla kate
katherine kathleen katja kayla keith kelly kelvin ken kendra kenneth kenny kerry kevin khalid
kim kira kirk klaus kristen kurt kyle kyra lana lance lara larry laura lauren laurence layla
lea leah leo leon leona leonard leonardo leroy leslie leticia lewis liam lila lillian lily
lina linda lionel lisa liv liz lloyd logan lois lola lorenzo loretta lorna lorraine louis
louisa louise luca lucas lucia lucille lucy luis luke luna lydia lyle lynn mabel mack madeline
mae maggie magnus maia malcolm mandy manuel mara marc marcel marcia marco marcus margaret
margot maria marian marianne marie marina mario marion marisa mark marlene martha martin
martina marvin mary mason mateo matilda matthew maud maura maureen maurice mavis max maxine
maya megan mei melanie melinda melissa melody mercedes meredith mia michael michelle miguel
mila mildred miles millie milo milton mimi mina minnie miranda miriam mitchell mohamed moira
molly mona monica morgan morris moses muriel myra myrtle nadia nadine nancy naomi natalie
natasha nathan neil nell nelson nia nicholas nick nicola nicole nigel nikita nina noah noel
nolan nora norma norman olaf olga olive oliver olivia omar oona ophelia oscar otis otto owen
pablo paige pam pamela pascal patricia patrick paul paula pauline pearl pedro peggy penelope
penny percy perry peter petra philip phoebe phyllis pierre pilar polly priya quentin quincy
quinn rachel rafael raj ralph ramon randall raquel raul raymond rebecca reed regina rene renee
rex rhoda ricardo richard rick rita rob robert roberta roberto robin rocco rodney roger roland
roman ron ronald rosa rosalind rose rosemary ross rowan roxanne roy ruby rudolf rupert russell
ruth ryan sabina sabrina sadie sally salma salvador sam samantha samir samuel sandra sandy
sara sarah sasha saul scarlett scott sean sebastian selena selma serena sergio seth shane
shannon sharon sheila shelby sherry shirley sidney sienna sigrid silas silvia simon simone
sofia sonia sophia sophie stacy stan stanley stefan stella stephanie stephen steve steven
stuart sue susan susanna suzanne sven svetlana sylvia tabitha talia tamara tania tanya tara
tariq tatiana taylor ted teresa terrence terry tessa thea thelma theo theodore theresa thomas
tia tilda tim timothy tina tobias todd tom tomas toni tony tracy travis trevor tricia tristan
trudy tyler ulrich uma una ursula valentina valerie vanessa vera vernon veronica vicki victor
victoria vikram vincent viola violet virgil virginia vivian vladimir wade wallace walter wanda
warren wayne wendy werner wesley wilbur wilfred willa william willow wilma winifred winston
wolfgang xavier xenia yara yasmin yolanda yuki yuri yusuf yvette yvonne zach zachary zahra
zara zelda zoe zora zuri
"""

NAMES = tuple(_TEXT.split())
