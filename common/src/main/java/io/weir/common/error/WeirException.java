package io.weir.common.error;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a stable code, a sentence that says what, which and what was expected, and a few named values. The
 * detail is shown to clients: it never holds a path of the server or a secret.
 */
public final class WeirException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ErrorCode code;
    private final transient Map<String, Object> context;

    /** A failure without a cause. */
    public WeirException(ErrorCode code, String detail) {
        this(code, detail, Map.of(), null);
    }

    /** A failure with named values for the problem document. */
    public WeirException(ErrorCode code, String detail, Map<String, Object> context) {
        this(code, detail, context, null);
    }

    /** A failure caused by {@code cause}. */
    public WeirException(ErrorCode code, String detail, @Nullable Throwable cause) {
        this(code, detail, Map.of(), cause);
    }

    /** A failure with everything. Client errors and refusals carry no stack trace: they are answers, not accidents. */
    public WeirException(ErrorCode code, String detail, Map<String, Object> context, @Nullable Throwable cause) {
        super(detail, cause, false, code.kind() == ErrorKind.INTERNAL || code.kind() == ErrorKind.EXTERNAL);
        this.code = code;
        this.context = Map.copyOf(context);
    }

    /** What failed, for programs. */
    public ErrorCode code() {
        return code;
    }

    /** Named values that belong to the code, shown as members of the problem document. */
    public Map<String, Object> context() {
        return context;
    }

    /** The detail sentence, never null. */
    public String detail() {
        String message = getMessage();
        return message == null ? code.title() : message;
    }
}
