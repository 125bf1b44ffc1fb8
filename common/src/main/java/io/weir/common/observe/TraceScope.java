package io.weir.common.observe;

import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * What a request that is traced has in its Reactor context: takes note of the stages that it went through. A request that is
 * not traced has none, and that is all it costs.
 */
public interface TraceScope {

    /** Where the context has it. */
    Class<TraceScope> KEY = TraceScope.class;

    /** The scope of that context; null when nothing is traced. */
    static @Nullable TraceScope of(ContextView context) {
        return context.<TraceScope>getOrDefault(KEY, null);
    }

    /**
     * A stage has ended just now.
     *
     * @param name such as {@code query parse}
     * @param startNanos when it began, in {@link System#nanoTime}
     * @param ok whether it succeeded
     */
    void ended(String name, long startNanos, boolean ok);
}
