package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.binding.BindMarkersFactory;
import org.springframework.r2dbc.core.binding.BindMarkersFactoryResolver.BindMarkerFactoryProvider;

/**
 * Tells Spring's {@code DatabaseClient} to write parameters as {@code ?1}, {@code ?2}. Found by Spring through {@code
 * META-INF/spring.factories}; not loaded without Spring.
 */
public final class SqliteBindMarkersProvider implements BindMarkerFactoryProvider {
    @Override
    public @Nullable BindMarkersFactory getBindMarkers(ConnectionFactory connectionFactory) {
        String product = connectionFactory.getMetadata().getName();
        return SqliteConnectionFactory.PRODUCT_NAME.equals(product) ? BindMarkersFactory.indexed("?", 1) : null;
    }
}
