"""The suite of wengert; a package so that its tables can be run as modules."""
