package strategies

// Collected is for the tests from outside the package.
var Collected = collected
