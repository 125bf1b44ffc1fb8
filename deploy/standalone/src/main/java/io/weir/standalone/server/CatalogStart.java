package io.weir.standalone.server;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.setup.CatalogSettings;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What a starting server does with its catalog: it waits for one that is still starting itself, and migrates it. */
final class CatalogStart {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogStart.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final CatalogSettings settings;

    CatalogStart(CatalogSettings settings) {
        this.settings = settings;
    }

    /** Fails with {@code catalog-unavailable}, and what is wrong with it, when it did not answer for as long as it may take. */
    Mono<Void> migrate(Catalog catalog) {
        long tries = settings.startTimeout().toMillis() / PAUSE.toMillis();
        return catalog.migrate()
                .retryWhen(Retry.fixedDelay(tries, PAUSE)
                        .filter(CatalogStart::isAway)
                        .doBeforeRetry(retry -> {
                            if (retry.totalRetries() == 0) {
                                LOG.warn("{}; waiting for it", sentence(retry.failure()));
                            }
                        })
                        .onRetryExhaustedThrow((retry, signal) -> signal.failure()))
                .onErrorMap(
                        CatalogStart::isAway, e -> new WeirException(CatalogError.CATALOG_UNAVAILABLE, sentence(e), e));
    }

    private static boolean isAway(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.CATALOG_UNAVAILABLE;
    }

    private String sentence(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return "the catalog, " + settings.place() + ", cannot be used: " + root.getMessage();
    }
}
