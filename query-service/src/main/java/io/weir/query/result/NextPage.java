package io.weir.query.result;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tells, at the end of a page, what the next one is asked for with. */
@FunctionalInterface
public interface NextPage {

    /** No page follows, because there are no pages. */
    NextPage NONE = () -> null;

    /** The cursor of the next page; null behind the last one. May block while the engine computes whether there is one. */
    @Nullable
    String cursor() throws IOException;
}
