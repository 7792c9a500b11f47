package strategies

// padding keeps what different cores write apart. 128 bytes, not 64: processors
// fetch lines in pairs, and some arm64 ones have lines of 128.
const padding = 128
