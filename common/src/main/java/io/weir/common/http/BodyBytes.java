package io.weir.common.http;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** A small body as a whole, whatever its type is said to be. */
public final class BodyBytes {

    private BodyBytes() {}

    /**
     * The bytes of a request's body; none where there is no body.
     *
     * @param limit most bytes
     * @param what what the body is, in the message that refuses a larger one
     * @return fails with {@code body-too-large}
     */
    public static Mono<byte[]> of(ServerRequest request, int limit, String what) {
        return DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), limit)
                .onErrorMap(
                        DataBufferLimitException.class,
                        e -> new WeirException(CommonError.BODY_TOO_LARGE, what + " has at most " + limit + " bytes"))
                .map(BodyBytes::bytes)
                .defaultIfEmpty(new byte[0]);
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
