package io.weir.ingest.mqtt;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The subscriber as a bean, when {@code weir.mqtt.enabled} says so. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("weir.mqtt.enabled")
@EnableConfigurationProperties(MqttSettings.class)
public class MqttConfiguration {

    @Bean
    MqttSubscriber mqttSubscriber(MqttSettings settings, IngestService ingest, WeirSchedulers schedulers, Clock clock) {
        return new MqttSubscriber(settings, ingest, schedulers, clock);
    }

    @Bean
    MqttMetrics mqttMetrics(MqttSubscriber subscriber) {
        return new MqttMetrics(subscriber);
    }
}
