"""Trading rules, one file each: a state record, a parameter record and one pure step."""
