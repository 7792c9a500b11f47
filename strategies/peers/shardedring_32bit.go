//go:build 386 || arm || mips || mipsle

package peers

// shardedRingStrategy is only listed here: the first send or receive would end the
// process.
var shardedRingStrategy = unbuildable(shardedRingDescriptor, unaligned)

// unaligned says why a peer that compiles is not built.
const unaligned = "its 64-bit atomics are not aligned on a 32-bit platform, where they panic"
