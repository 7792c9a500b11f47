package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// This file is where the program is unsafe: Go has no other way to lay atomics into
// memory that came from the system, nor to name a word to a futex. What it hands out is
// typed.

// mapping is memory that processes share, without a name in any file system.
type mapping struct {
	file  *os.File
	bytes []byte
}

// newMapping makes shared memory, which is zero.
func newMapping(size int) (*mapping, error) {
	fd, err := unix.MemfdCreate("fanin-bench", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("creating shared memory: %w", err)
	}
	file := os.NewFile(uintptr(fd), "memfd")
	if err := file.Truncate(int64(size)); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("reserving %d bytes of shared memory: %w", size, err)
	}
	return mapFile(file, size)
}

// mapFile maps shared memory that another process made.
func mapFile(file *os.File, size int) (*mapping, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < int64(size) {
		return nil, fmt.Errorf("the shared memory has %d bytes, not %d", info.Size(), size)
	}
	bytes, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping shared memory: %w", err)
	}
	return &mapping{file, bytes}, nil
}

// words returns what lies at an offset. Its type holds atomics and padding only: any bytes
// are a value of it. The garbage collector neither moves nor frees what it did not
// allocate.
func words[T laneWords | consumerWords](m *mapping, offset int) *T {
	part := m.bytes[offset:] // checks the bounds
	part = part[:unsafe.Sizeof(*new(T))]
	if uintptr(unsafe.Pointer(&part[0]))%8 != 0 {
		panic("words of shared memory are aligned to 8 bytes")
	}
	return (*T)(unsafe.Pointer(unsafe.SliceData(part)))
}

// futex is a bell at a word of shared memory, which is 1 while somebody waits: who rings
// has set it to 0.
type futex struct{ word *atomic.Uint32 }

// longestWait bounds a sleep: who is killed between setting the word to 0 and waking leaves
// nobody that would wake.
const longestWait = 100 * time.Millisecond

const (
	futexWait = 0 // between processes: without FUTEX_PRIVATE_FLAG
	futexWake = 1
)

// wait returns at once if the word is not 1 any more, which the kernel looks at in one
// step with going to sleep. A signal ends it, too.
func (f futex) wait() {
	longest := unix.NsecToTimespec(int64(longestWait))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(f.word)), futexWait, 1, uintptr(unsafe.Pointer(&longest)), 0, 0)
}

func (f futex) ring() {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(f.word)), futexWake, 1, 0, 0, 0)
}
