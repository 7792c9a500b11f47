package compare

// Decide is what the tests in compare_test need from inside.
var Decide = decide
