package io.weir.storage.parquet.reading;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;

/** The sentences that refuse a file. */
final class RefusedFile {

    private static final Map<String, Object> CONTEXT = Map.of("format", "parquet");

    private RefusedFile() {}

    static WeirException because(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail, CONTEXT);
    }

    /** What a library says of broken bytes goes into the cause, not to the user: it may be anything. */
    static WeirException damaged(String where, Throwable cause) {
        return new WeirException(
                CommonError.INVALID_REQUEST,
                "the Parquet file is damaged: " + where + " cannot be read (expected: a file as its writer left it)",
                CONTEXT,
                cause);
    }
}
