package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.jks.JksSslStoreBundle;
import org.springframework.boot.ssl.jks.JksSslStoreDetails;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/** Turns {@link TlsSettings} into what the client wants. Reads files, so it belongs into the start. */
final class BrokerTls {

    private BrokerTls() {}

    /** Fails with {@code configuration} when a file is missing or is not what it should be. */
    static MqttClientSslConfig of(TlsSettings settings) {
        try {
            MqttClientSslConfigBuilder tls = MqttClientSslConfig.builder();
            SslStoreBundle trust = trust(settings);
            if (trust != null) {
                tls = tls.trustManagerFactory(managers(trust).getTrustManagerFactory());
            }
            if (settings.clientCertificate() != null) {
                PemSslStoreDetails key = pem(settings.clientCertificate(), settings.clientKey())
                        .withPrivateKeyPassword(settings.clientKeyPassword());
                tls = tls.keyManagerFactory(
                        managers(new PemSslStoreBundle(key, null)).getKeyManagerFactory());
            }
            return settings.verifyHostname()
                    ? tls.build()
                    : tls.hostnameVerifier((host, session) -> true).build();
        } catch (RuntimeException e) {
            throw new WeirException(
                    CommonError.CONFIGURATION, "weir.mqtt.tls cannot be used: " + ConnectFailure.sentence(e), e);
        }
    }

    private static @Nullable SslStoreBundle trust(TlsSettings settings) {
        if (settings.trustCertificates() != null) {
            return new PemSslStoreBundle(null, pem(settings.trustCertificates(), null));
        }
        if (settings.trustStore() != null) {
            return new JksSslStoreBundle(
                    null,
                    new JksSslStoreDetails(null, null, location(settings.trustStore()), settings.trustStorePassword()));
        }
        return null;
    }

    private static PemSslStoreDetails pem(String certificates, @Nullable String key) {
        PemSslStoreDetails details = PemSslStoreDetails.forCertificates(location(certificates));
        return key == null ? details : details.withPrivateKey(location(key));
    }

    private static String location(String setting) {
        boolean url = setting.startsWith("file:") || setting.startsWith("classpath:");
        return url ? setting : "file:" + setting;
    }

    private static SslManagerBundle managers(SslStoreBundle stores) {
        return SslBundle.of(stores).getManagers();
    }
}
