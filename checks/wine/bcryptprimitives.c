/* Every Rust program with a HashMap asks this library for random bytes; wine 8 has only the older function for them. */
__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long size);
__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, __SIZE_TYPE__ size) {
    return SystemFunction036(buffer, (unsigned long)size);
}
