package io.weir.common.http;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import reactor.core.publisher.Hooks;

/**
 * Has every line of the log that is written for a request carry the request's id, under {@value #KEY} in the logging
 * context, whichever thread writes it. It costs each hand-over between threads a little, so it is off unless asked for.
 * Holds for the process.
 */
public final class RequestIds {

    /** Its name in the logging context. */
    public static final String KEY = "request_id";

    private static volatile boolean logged;

    private RequestIds() {}

    /** From now on ids are in the log, or are not. */
    public static void log(boolean wanted) {
        if (wanted) {
            ContextRegistry.getInstance().registerThreadLocalAccessor(new Accessor());
            Hooks.enableAutomaticContextPropagation();
        } else if (logged) {
            Hooks.disableAutomaticContextPropagation();
            ContextRegistry.getInstance().removeThreadLocalAccessor(RequestContext.REQUEST_ID);
        }
        logged = wanted;
    }

    static boolean areLogged() {
        return logged;
    }

    private static final class Accessor implements ThreadLocalAccessor<String> {

        @Override
        public Object key() {
            return RequestContext.REQUEST_ID;
        }

        @Override
        public @Nullable String getValue() {
            return MDC.get(KEY);
        }

        @Override
        public void setValue(String id) {
            MDC.put(KEY, id);
        }

        @Override
        public void setValue() {
            MDC.remove(KEY);
        }
    }
}
