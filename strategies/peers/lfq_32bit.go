//go:build 386 || arm || mips || mipsle

package peers

// lfqStrategy is only listed here: a program that imports the module does not
// compile.
var lfqStrategy = unbuildable(lfqDescriptor, "its constants of 64 bits overflow the uintptr of a 32-bit platform")
