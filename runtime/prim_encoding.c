// Primitives of Base64, Url, Uuid and Crypto.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/bcrypt.h"
#include "runtime/digest.h"
#include "runtime/encoding.h"
#include "runtime/heap.h"
#include "runtime/os_job.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/string_ops.h"
#include "runtime/unicode.h"

NST_PRIMITIVE(base64_encode) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_base64_encode(&out, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count);
    return nst_text_finish(process, &out, &args[0]);
}

static NstValue status_pair(NstProcess *process, const char *status, NstValue text) {
    NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, nst_string_z(process, status));
    nst_slot_init(pair, 1, text);
    return nst_object(pair);
}

// ("ok", text) or ("error", message)
NST_PRIMITIVE(base64_decode) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTextBuffer out = NST_TEXT_BUFFER_INIT, message = NST_TEXT_BUFFER_INIT;
    const char *error = nst_base64_decode(&out, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count);
    if (error) {
        nst_text_printf(&message, "invalid base64: %s", error);
        args[0] = status_pair(process, "error", nst_string(process, message.data, message.size));
    } else {
        args[0] = status_pair(process, "ok", nst_os_string(process, out.data ? out.data : "", out.size));
    }
    nst_text_free(&out);
    nst_text_free(&message);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(percent_encode) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_percent_encode(&out, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count);
    return nst_text_finish(process, &out, &args[0]);
}

// (text, plus is a space: Bool) -> ("ok", text) or ("error", message)
NST_PRIMITIVE(percent_decode) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_percent_decode(&out, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count, args[1].w.u != 0);
    bool valid = nst_utf8_valid(out.data, out.size) == out.size;
    args[0] = valid ? status_pair(process, "ok", nst_string(process, out.data ? out.data : "", out.size))
                    : status_pair(process, "error", nst_string_z(process, "invalid URL encoding: invalid UTF-8"));
    nst_text_free(&out);
    return NST_PRIM_OK;
}

// ---- Random bytes and UUIDs --------------------------------------------------------------

static NstPrimStatus system_random(NstProcess *process, void *out, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = getrandom((char *)out + done, size - done, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return nst_raise_panic(process, "no random bytes: %s", strerror(errno));
        done += (size_t)count;
    }
    return NST_PRIM_OK;
}

NST_PRIMITIVE(uuid_v4) {
    uint8_t bytes[16];
    NstPrimStatus status = system_random(process, bytes, sizeof bytes);
    if (status != NST_PRIM_OK) return status;
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) nst_text_append_byte(&out, '-');
        nst_hex_encode(&out, bytes + i, 1);
    }
    return nst_text_finish(process, &out, &args[0]);
}

// 32 hexadecimal digits, all or none of the four hyphens in their places.
static bool is_uuid(const char *text, size_t size) {
    if (size == 45 && strncmp(text, "urn:uuid:", 9) == 0) {
        text += 9;
        size -= 9;
        if (size != 36) return false;
    } else if (size == 38 && text[0] == '{' && text[37] == '}') {
        text++;
        size -= 2;
    }
    if (size != 36 && size != 32) return false;
    for (size_t i = 0; i < size; i++) {
        bool hyphen = size == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
        if (hyphen ? text[i] != '-' : !isxdigit((unsigned char)text[i])) return false;
    }
    return true;
}

NST_PRIMITIVE(uuid_is_valid) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    args[0] = nst_bool(is_uuid(nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(crypto_random_bytes) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    size_t size = args[0].w.i > 0 ? (size_t)args[0].w.i : 0;
    if (size > UINT32_MAX / 2 || !nst_heap_can(process, 2 * size)) {
        return nst_raise_pair(process, "OutOfMemory", "text too long");
    }
    uint8_t *bytes = malloc(size + 1);
    if (!bytes) return nst_raise_pair(process, "OutOfMemory", "text too long");
    NstPrimStatus status = system_random(process, bytes, size);
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    if (status == NST_PRIM_OK) {
        nst_hex_encode(&out, bytes, size);
        status = nst_text_finish(process, &out, &args[0]);
    }
    free(bytes);
    return status;
}

// ---- Digests -----------------------------------------------------------------------------

static NstPrimStatus digest(NstProcess *process, NstValue *args, void (*function)(const void *, size_t, uint8_t *),
                            size_t size) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    uint8_t bytes[64];
    const NstString *s = nst_as_string(args[0]);
    function(s->bytes, s->head.count, bytes);
    nst_prim_charge(process, s->head.count / 64);
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_hex_encode(&out, bytes, size);
    return nst_text_finish(process, &out, &args[0]);
}

NST_PRIMITIVE(crypto_sha256) { return digest(process, args, nst_sha256, 32); }
NST_PRIMITIVE(crypto_sha512) { return digest(process, args, nst_sha512, 64); }
NST_PRIMITIVE(crypto_md5) { return digest(process, args, nst_md5, 16); }

// ---- bcrypt: slow on purpose, so it is done on the blocking pool -------------------------

// path: the password; path2: the setting or an existing hash. output: the hash, empty if the setting is malformed.
static void bcrypt_job(NstOsJob *job) {
    char hash[NST_BCRYPT_SIZE];
    if (nst_bcrypt()->hash(job->path, job->path2, hash) == 0) nst_text_append_z(&job->output, hash);
}

static NstPrimStatus start_bcrypt(NstProcess *process, NstValue password, const char *setting) {
    NstOsJob *job = nst_os_job_new(bcrypt_job, "Panic");
    nst_os_job_path(&job->path, password);
    job->path2 = strdup(setting);
    if (!job->path2) abort();
    return nst_os_job_start(process, job);
}

// (password, cost)
NST_PRIMITIVE(crypto_bcrypt_hash) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        args[0] = nst_string(process, job->output.data ? job->output.data : "", job->output.size);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (args[1].w.i < 4 || args[1].w.i > 31) {
        return nst_raise_panic(process, "bcrypt error: Cost needs to be between 4 and 31, got %lld", (long long)args[1].w.i);
    }
    const NstBcryptModule *bcrypt = nst_bcrypt();
    if (!bcrypt) return nst_raise_panic(process, "bcrypt error: the module nostos_bcrypt is not installed beside nostos");
    char salt[16], setting[NST_BCRYPT_SIZE];
    status = system_random(process, salt, sizeof salt);
    if (status != NST_PRIM_OK) return status;
    int error = bcrypt->setting(args[1].w.u, salt, setting);
    if (error) return nst_raise_panic(process, "bcrypt error: %s", strerror(-error));
    return start_bcrypt(process, args[0], setting);
}

// (password, hash)
NST_PRIMITIVE(crypto_bcrypt_verify) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    const NstString *hash = nst_as_string(args[1]);
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        bool same = job->output.size == hash->head.count && job->output.size > 0 &&
                    memcmp(job->output.data, hash->bytes, job->output.size) == 0;
        nst_os_job_free(job);
        args[0] = nst_bool(same);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    if (!nst_bcrypt()) return nst_raise_panic(process, "bcrypt error: the module nostos_bcrypt is not installed beside nostos");
    if (hash->head.count != 60 || strncmp(hash->bytes, "$2", 2) != 0) {
        args[0] = nst_bool(false);
        return NST_PRIM_OK;
    }
    return start_bcrypt(process, args[0], hash->bytes);
}
