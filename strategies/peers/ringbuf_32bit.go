//go:build 386 || arm || mips || mipsle

package peers

// ringbufStrategy is only listed here: some items would end the process.
var ringbufStrategy = unbuildable(ringbufDescriptor, unaligned)
