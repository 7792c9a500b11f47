//go:build !race

package harness

const detecting = false
