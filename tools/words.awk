# Prints each line of the files behind its place, with the words of joined names apart: runLabelled and run_labelled
# become "run Labelled" and "run labelled". So a spell checker sees the words in names.
{
	rest = $0
	gsub(/_/, " ", rest)
	words = ""
	while (match(rest, /[a-z][A-Z]/)) {
		words = words substr(rest, 1, RSTART) " "
		rest = substr(rest, RSTART + 1)
	}
	print FILENAME ":" FNR ": " words rest
}
