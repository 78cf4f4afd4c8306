// Message digests: SHA-256, SHA-512 (FIPS 180-4), MD5 (RFC 1321), SHA-1 (for the WebSocket handshake).
#ifndef NST_DIGEST_H
#define NST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

void nst_sha256(const void *data, size_t size, uint8_t out[32]);
void nst_sha512(const void *data, size_t size, uint8_t out[64]);
void nst_md5(const void *data, size_t size, uint8_t out[16]);
void nst_sha1(const void *data, size_t size, uint8_t out[20]);

#endif
