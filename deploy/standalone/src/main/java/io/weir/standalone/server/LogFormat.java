package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestIds;
import java.util.Map;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * How the log is written, {@code weir.log.*}: {@code format} is {@code text} (default) or {@code json}, one object a line;
 * {@code request-id} says whether each line has the id of its request, which it has by default when the format is {@code json}.
 * Looked at when all settings are known and nothing is logged yet.
 */
final class LogFormat implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    private static final String FORMAT = "weir.log.format";

    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER - 1;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        ConfigurableEnvironment settings = event.getEnvironment();
        String format = settings.getProperty(FORMAT, "text");
        boolean json = format.equals("json");
        if (!json && !format.equals("text")) {
            throw new WeirException(CommonError.CONFIGURATION, FORMAT + " is " + format + " (expected: text or json)");
        }
        if (json) {
            settings.getPropertySources()
                    .addFirst(new MapPropertySource(FORMAT, Map.of("logging.structured.format.console", "logstash")));
        }
        RequestIds.log(settings.getProperty("weir.log.request-id", Boolean.class, json));
    }
}
