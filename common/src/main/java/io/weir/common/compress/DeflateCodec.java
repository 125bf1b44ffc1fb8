package io.weir.common.compress;

import org.jspecify.annotations.Nullable;

/** HTTP's "deflate": a zlib stream; or bare deflate, when the first two bytes are no zlib header. */
final class DeflateCodec implements Codec {

    private @Nullable InflateStream stream;
    private int first = -1;
    private boolean finished;

    @Override
    public void feed(byte[] input, int offset, int length, Output output) {
        int at = offset;
        int end = offset + length;
        if (stream == null && length > 0) {
            if (first < 0) {
                first = input[at++] & 0xff;
            }
            if (at == end) {
                return;
            }
            boolean zlib = (first & 0x0f) == 8 && ((first << 8) | (input[at] & 0xff)) % 31 == 0;
            stream = new InflateStream(!zlib);
            inflate(new byte[] {(byte) first}, 0, 1, output);
        }
        inflate(input, at, end - at, output);
    }

    @Override
    public void finish(Output output) {
        if (!finished) {
            throw output.truncated();
        }
    }

    @Override
    public void close() {
        if (stream != null) {
            stream.close();
        }
    }

    private void inflate(byte[] input, int offset, int length, Output output) {
        if (stream == null || length == 0) {
            return;
        }
        int left = finished ? length : stream.feed(input, offset, length, output, (buffer, count) -> {});
        if (left > 0) {
            throw output.corrupt("more bytes behind its end", left, null);
        }
        finished = left == 0;
    }
}
