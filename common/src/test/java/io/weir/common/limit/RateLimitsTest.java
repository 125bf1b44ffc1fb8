package io.weir.common.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.http.HttpHeaders;

class RateLimitsTest {

    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong();

    private static RateLimitSettings settings(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put("weir.rate-limit." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map))
                .bindOrCreate("weir.rate-limit", RateLimitSettings.class);
    }

    private RateLimits limits(String... pairs) {
        return RateLimits.local(settings(pairs), now::get);
    }

    private static InetSocketAddress from(String address) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address), 50_000);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpHeaders header(String name, String... values) {
        HttpHeaders headers = new HttpHeaders();
        headers.put(name, List.of(values));
        return headers;
    }

    /** Whether that many requests are served and the next is not. */
    private static void assertServes(RateLimits limits, int served, String address, HttpHeaders headers) {
        for (int i = 0; i < served; i++) {
            limits.admitAddress(from(address), headers);
        }
        assertThatThrownBy(() -> limits.admitAddress(from(address), headers))
                .isInstanceOfSatisfying(WeirException.class, e -> {
                    assertThat(e.code()).isEqualTo(CommonError.RATE_LIMITED);
                    assertThat(e.code().status()).isEqualTo(429);
                });
    }

    @Test
    void anAddressHasAThousandRequestsAMinuteUnlessItIsThisMachine() { // REQUIREMENTS O1
        RateLimits limits = limits();
        assertServes(limits, 1000, "192.0.2.1", HttpHeaders.EMPTY);
        for (int i = 0; i < 5000; i++) {
            limits.admitAddress(from("127.0.0.1"), HttpHeaders.EMPTY);
            limits.admitAddress(from("::1"), HttpHeaders.EMPTY);
        }
        assertThat(limits.refusedAddresses()).isEqualTo(1);
    }

    @Test
    void aRefusalSaysWhenTheNextRequestIsServed() { // LESSONS 63
        RateLimits limits = limits("per-address", "6");
        assertServes(limits, 6, "192.0.2.1", HttpHeaders.EMPTY);
        now.addAndGet(SECOND / 2);
        assertThatThrownBy(() -> limits.admitAddress(from("192.0.2.1"), HttpHeaders.EMPTY))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.context()).containsEntry("retry_after_seconds", 10L))
                .hasMessage("this address sends too many requests (expected: the next one in 10 s)");
        now.addAndGet(10 * SECOND);
        limits.admitAddress(from("192.0.2.1"), HttpHeaders.EMPTY);
    }

    @Test
    void aTokenIsCountedWhereverItComesFrom() {
        RateLimits limits = limits("per-token", "3");
        for (int i = 0; i < 3; i++) {
            limits.admitToken("abc");
        }
        assertThatThrownBy(() -> limits.admitToken("abc")).hasMessageContaining("this token sends too many requests");
        limits.admitToken("abd");
        limits.admitToken("");
        assertThat(limits.refusedTokens()).isEqualTo(1);
    }

    @Test
    void addressesOfOneIpv6NetworkAreOneClient() {
        RateLimits limits = limits("per-address", "2");
        limits.admitAddress(from("2001:db8:1:2::1"), HttpHeaders.EMPTY);
        limits.admitAddress(from("2001:db8:1:2:ffff::9"), HttpHeaders.EMPTY);
        assertServes(limits, 0, "2001:db8:1:2:3::1", HttpHeaders.EMPTY);
        assertServes(limits, 2, "2001:db8:1:3::1", HttpHeaders.EMPTY);
    }

    @Test
    void anIpv4AddressWrittenAsIpv6IsItself() {
        assertThat(AddressRange.plain(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3}))
                .containsExactly(10, 1, 2, 3);
        assertThat(AddressRange.bytes("::ffff:10.1.2.3")).containsExactly(10, 1, 2, 3);
        assertThat(AddressRange.of("10.0.0.0/8").contains(new byte[] {10, 1, 2, 3}))
                .isTrue();
    }

    @Test
    void headersOfStrangersAreNotBelieved() { // never guessed
        RateLimits limits = limits("per-address", "2", "trusted-proxies", "10.0.0.0/8");
        limits.admitAddress(from("192.0.2.1"), header("X-Forwarded-For", "198.51.100.1"));
        limits.admitAddress(from("192.0.2.1"), header("X-Forwarded-For", "198.51.100.2"));
        assertServes(limits, 0, "192.0.2.1", header("X-Forwarded-For", "198.51.100.3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Forwarded-For | 198.51.100.1 | 198.51.100.1",
                "X-Forwarded-For | 1.2.3.4, 198.51.100.1, 10.0.0.9 | 198.51.100.1",
                "X-Forwarded-For | 127.0.0.1, 198.51.100.1:4711 | 198.51.100.1",
                "X-Forwarded-For | nonsense, 10.0.0.9 | 10.0.0.9",
                "X-Forwarded-For | 10.0.0.7, 10.0.0.9 | 10.0.0.7",
                "X-Forwarded-For | 2001:db8::1 | 2001:db8::1",
                "Forwarded | for=1.2.3.4, for=198.51.100.1;proto=https;by=10.0.0.1 | 198.51.100.1",
                "Forwarded | For=\"[2001:db8::1]:80\" | 2001:db8::1",
                "Forwarded | for=_hidden | 10.0.0.1",
                "X-Real-IP | 198.51.100.1 | 10.0.0.1",
            })
    void behindTrustedProxiesTheRightmostStrangerIsTheClient(String header, String value, String client)
            throws UnknownHostException {
        ClientAddresses addresses = new ClientAddresses(List.of(AddressRange.of("10.0.0.0/8")));
        assertThat(addresses.of(from("10.0.0.1"), header(header, value)))
                .isEqualTo(InetAddress.getByName(client).getAddress());
    }

    @Test
    void severalHeadersAreOneList() throws UnknownHostException {
        ClientAddresses addresses = new ClientAddresses(List.of(AddressRange.of("10.0.0.0/8")));
        assertThat(addresses.of(from("10.0.0.1"), header("X-Forwarded-For", "1.2.3.4", "198.51.100.1, 10.9.9.9")))
                .isEqualTo(InetAddress.getByName("198.51.100.1").getAddress());
        assertThat(addresses.of(null, HttpHeaders.EMPTY)).isNull();
    }

    @Test
    void whoComesThroughALocalProxyIsNotThisMachine() {
        RateLimits limits = limits("per-address", "1", "trusted-proxies", "127.0.0.1");
        assertServes(limits, 1, "127.0.0.1", header("X-Forwarded-For", "198.51.100.1"));
    }

    @Test
    void itCanBeSwitchedOff() {
        RateLimits off = limits("enabled", "false", "per-address", "1", "per-token", "1");
        RateLimits any = limits("per-address", "0", "per-token", "0");
        for (RateLimits limits : List.of(off, any, RateLimits.NONE)) {
            for (int i = 0; i < 10; i++) {
                limits.admitAddress(from("192.0.2.1"), HttpHeaders.EMPTY);
                limits.admitToken("abc");
            }
            assertThat(limits.forgotten()).isZero();
        }
    }

    @Test
    void defaultsAndEveryKeyAreMapped() {
        assertThat(settings())
                .isEqualTo(new RateLimitSettings(
                        true, 1000, 10_000, List.of("127.0.0.0/8", "::1/128"), List.of(), 131_072));
        assertThat(settings(
                        "enabled", "false",
                        "per-address", "1",
                        "per-token", "2",
                        "exempt", "10.0.0.0/8,::1",
                        "trusted-proxies", "192.0.2.1",
                        "addresses", "64"))
                .isEqualTo(new RateLimitSettings(false, 1, 2, List.of("10.0.0.0/8", "::1"), List.of("192.0.2.1"), 64));
        assertThat(limits("addresses", "9").forgotten()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "per-address,-1",
        "per-token,60000001",
        "exempt,10.0.0.0/33",
        "exempt,host.example",
        "trusted-proxies,10.0.0.0/-1",
        "trusted-proxies,10.0.0/8x",
        "addresses,7",
    })
    void aValueOutsideItsBoundsIsNamed(String key, String value) {
        assertThatThrownBy(() -> settings(key, value)).rootCause().hasMessageContaining("(expected:");
        assertThatThrownBy(() -> settings(key, value)).hasStackTraceContaining("weir.rate-limit." + key);
    }
}
