package syntaxelsewhere

func broken( {
}
