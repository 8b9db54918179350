package memfd

// sysMemfdCreate is from asm/unistd_64.h; package syscall is older.
const sysMemfdCreate = 319
