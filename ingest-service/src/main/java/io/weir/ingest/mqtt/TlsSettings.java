package io.weir.ingest.mqtt;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How brokers with an {@code mqtts} URL are trusted and what they are shown; {@code weir.mqtt.tls.*}. Locations are
 * paths, or {@code file:} and {@code classpath:} URLs.
 *
 * @param trustCertificates PEM file of the certificates to trust; default those of the Java installation
 * @param trustStore PKCS12 or JKS file in place of {@code trustCertificates}; default none
 * @param trustStorePassword password of that store; default none
 * @param clientCertificate PEM file of the certificate, and its chain, that the broker is shown; default none
 * @param clientKey PEM file of its private key (PKCS8, PKCS1 or SEC1); default none
 * @param clientKeyPassword password of an encrypted key; default none
 * @param verifyHostname whether the broker's certificate must name the host of its URL; default true
 */
public record TlsSettings(
        @Nullable String trustCertificates,
        @Nullable String trustStore,
        @Nullable String trustStorePassword,
        @Nullable String clientCertificate,
        @Nullable String clientKey,
        @Nullable String clientKeyPassword,
        @DefaultValue("true") boolean verifyHostname) {

    /** Trusts what the Java installation trusts, shows nothing. */
    public static final TlsSettings DEFAULT = new TlsSettings(null, null, null, null, null, null, true);

    public TlsSettings {
        Requirements.require(
                trustCertificates == null || trustStore == null,
                "tls.trust-store",
                trustStore,
                "nothing, because weir.mqtt.tls.trust-certificates is set");
        Requirements.require(
                clientCertificate == null || clientKey != null,
                "tls.client-key",
                clientKey,
                "the key of weir.mqtt.tls.client-certificate");
        Requirements.require(
                clientKey == null || clientCertificate != null,
                "tls.client-certificate",
                clientCertificate,
                "the certificate of weir.mqtt.tls.client-key");
    }

    /** The settings without their secrets. */
    @Override
    public String toString() {
        return "TlsSettings[trustCertificates=" + trustCertificates + ", trustStore=" + trustStore
                + ", clientCertificate=" + clientCertificate + ", verifyHostname=" + verifyHostname + "]";
    }
}
