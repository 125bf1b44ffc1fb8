package io.weir.common.http;

import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.core.codec.DecodingException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebInputException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A failure as a client sees it: a problem document of RFC 9457. Failures that are not Weir's own say nothing of their
 * inside; the log has it, under the same request id.
 *
 * @param code what failed
 * @param status HTTP status, the code's except where the framework decided it
 * @param detail sentence for people
 * @param requestId id of the request, to find it in the log
 * @param context named values of the code
 */
public record Problem(ErrorCode code, int status, String detail, String requestId, Map<String, Object> context) {

    /** Media type of a problem document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** The value of a failure's context that says in how many seconds trying again can succeed. */
    public static final String RETRY_AFTER = "retry_after_seconds";

    private static final JsonMapper JSON = new JsonMapper();

    /** The problem that {@code failure} is. */
    public static Problem of(Throwable failure, String requestId) {
        if (failure instanceof WeirException weir) {
            return new Problem(weir.code(), weir.code().status(), weir.detail(), requestId, weir.context());
        }
        if (failure instanceof ServerWebInputException || failure instanceof DecodingException) {
            String reason = failure.getMessage();
            return of(CommonError.INVALID_REQUEST, reason == null ? "the request cannot be read" : reason, requestId);
        }
        if (failure instanceof ErrorResponse response) {
            return ofStatus(response.getStatusCode().value(), requestId);
        }
        return of(CommonError.INTERNAL, "an unexpected error; the log has the request id", requestId);
    }

    private static Problem of(ErrorCode code, String detail, String requestId) {
        return new Problem(code, code.status(), detail, requestId, Map.of());
    }

    private static Problem ofStatus(int status, String requestId) {
        return switch (status) {
            case 404 -> of(CommonError.NOT_FOUND, "no such route", requestId);
            case 405 -> of(CommonError.METHOD_NOT_ALLOWED, "this route does not take that method", requestId);
            default ->
                new Problem(
                        status < 500 ? CommonError.INVALID_REQUEST : CommonError.INTERNAL,
                        status,
                        "the request was answered with status " + status,
                        requestId,
                        Map.of());
        };
    }

    /** Seconds after which a client may try again, or 0 when trying again is no use. */
    public int retryAfterSeconds() {
        if (context.get(RETRY_AFTER) instanceof Number seconds) {
            return Math.max(1, seconds.intValue());
        }
        return status == 429 || status == 503 ? 1 : 0;
    }

    /** The members of the document in order. */
    public Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "urn:weir:problem:" + code.id());
        members.put("title", code.title());
        members.put("status", status);
        members.put("detail", detail);
        members.put("code", code.id());
        members.put("request_id", requestId);
        context.forEach(members::putIfAbsent);
        return members;
    }

    /** The document as UTF-8 JSON without line breaks. */
    public byte[] toJson() {
        return toJson(members());
    }

    /** Members of another form of failure as UTF-8 JSON without line breaks. */
    static byte[] toJson(Map<String, Object> members) {
        return JSON.writeValueAsBytes(members);
    }
}
