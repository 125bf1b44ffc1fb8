package io.weir.storage.s3;

import io.netty.channel.ConnectTimeoutException;
import io.weir.common.error.WeirException;
import io.weir.storage.object.ObjectStoreError;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What the SDK's failures mean to users of the port. */
final class S3Failures {

    private static final Set<String> CLIENT_ERRORS_THAT_PASS = Set.of(
            "RequestTimeout", "ConditionalRequestConflict", "OperationAborted", "SlowDown", "TooManyRequestsException");
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;

    private S3Failures() {}

    /** That failure of {@code action} as one of the port; what does not come from the SDK stays what it is. */
    static Throwable of(String action, String key, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof WeirException || !isOfTheStore(cause)) {
            return cause;
        }
        ObjectStoreError code = code(cause);
        return new WeirException(code, "could not " + action + " object " + key + ": " + reason(cause), cause);
    }

    static boolean isMissing(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof AwsServiceException service
                && service.statusCode() == NOT_FOUND
                && !"NoSuchBucket".equals(errorCode(service));
    }

    private static boolean isOfTheStore(Throwable cause) {
        return cause instanceof SdkException
                || cause instanceof java.io.IOException
                || cause instanceof TimeoutException
                || cause instanceof io.netty.handler.timeout.TimeoutException;
    }

    private static ObjectStoreError code(Throwable cause) {
        if (cause instanceof AwsServiceException service) {
            return codeOfAnswer(service);
        }
        if (cause instanceof ApiCallTimeoutException || cause instanceof ApiCallAttemptTimeoutException) {
            return ObjectStoreError.OBJECT_STORE_TIMEOUT;
        }
        for (Throwable at = cause; at != null; at = at.getCause()) {
            String message = String.valueOf(at.getMessage()).toLowerCase(Locale.ROOT);
            if (message.contains("acquire operation took longer") || message.contains("pending acquires")) {
                return ObjectStoreError.OBJECT_STORE_BUSY;
            }
            if (at instanceof io.netty.handler.timeout.TimeoutException
                    || at instanceof ConnectTimeoutException
                    || at instanceof TimeoutException) {
                return ObjectStoreError.OBJECT_STORE_TIMEOUT;
            }
        }
        return ObjectStoreError.OBJECT_STORE_FAILED;
    }

    private static ObjectStoreError codeOfAnswer(AwsServiceException answer) {
        int status = answer.statusCode();
        if (status == PRECONDITION_FAILED) {
            return ObjectStoreError.OBJECT_EXISTS;
        }
        if (isMissing(answer)) {
            return ObjectStoreError.OBJECT_MISSING;
        }
        boolean passes = status >= 500 || status == TOO_MANY || CLIENT_ERRORS_THAT_PASS.contains(errorCode(answer));
        return passes ? ObjectStoreError.OBJECT_STORE_FAILED : ObjectStoreError.OBJECT_STORE_REFUSED;
    }

    private static String errorCode(AwsServiceException answer) {
        return answer.awsErrorDetails() == null
                ? ""
                : String.valueOf(answer.awsErrorDetails().errorCode());
    }

    /** The store's code and status, or the kind of failure: never a secret, never an address. */
    private static String reason(Throwable cause) {
        if (cause instanceof AwsServiceException answer) {
            return "the store answered " + answer.statusCode() + " " + errorCode(answer);
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName();
    }
}
