using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.Tests.Authorization;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Identity.Jwt;

public sealed class JwtTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    private static Xmtp.Gateway.Protocol.Wire.PublishClientEnvelopesRequest Request => Envelopes.Request(Envelopes.Welcome());

    private static (string, string)[] Bearer(string token) => [("authorization", "Bearer " + token)];

    private Task<RulesGateway> StartAsync(
        TokenIssuer issuer, Action<XmtpGatewayBuilder>? rules = null, params string[] more) => RulesGateway.StartAsync(
        chain,
        rules,
        _time,
        [
            "--auth.jwt.jwks-url", issuer.KeysUrl.AbsoluteUri, "--auth.jwt.issuer", TokenIssuer.Name,
            "--auth.jwt.audience", TokenIssuer.Audience, .. more,
        ]);

    private static Measured Listen(RulesGateway gateway) =>
        new(gateway.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Authorization");

    [Theory, MemberData(nameof(Forms))]
    public async Task A_valid_token_is_accepted_and_a_missing_or_invalid_one_is_refused_with_its_reason(Form form)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = _time.GetUtcNow();
        (string Token, string Reason)[] bad =
        [
            (issuer.Token(now: now, begins: TimeSpan.FromHours(-2), lasts: TimeSpan.FromSeconds(-31)), "the token has expired"),
            (issuer.Token(now: now, begins: TimeSpan.FromSeconds(32)), "the token is not valid yet"),
            (issuer.Token(now: now, audience: "another-app"), "the token is for another audience"),
            (issuer.Token(now: now, issuer: "https://another.example"), "the token is of another issuer"),
            (TokenIssuer.Unsigned(issuer.Token(now: now)), "the token's algorithm is not allowed; expected RS256, ES256"),
            (issuer.Token(now: now, sign: issuer.PublicKeyAsSecret()), "the token's algorithm is not allowed; expected RS256, ES256"),
            (issuer.Token(
                now: now,
                sign: new SigningCredentials(
                    new ECDsaSecurityKey(strange) { KeyId = issuer.KeyId }, "ES256")), "the token's signature is not the issuer's"),
            (issuer.Token(
                now: now,
                sign: new SigningCredentials(
                    new SymmetricSecurityKey(new byte[32]) { KeyId = "secret" },
                    "HS256")), "the token's algorithm is not allowed; expected RS256, ES256"),
            (issuer.Token(user: null, now: now), "the token has no claim sub"),
            (issuer.Token(now: now, lasts: Timeout.InfiniteTimeSpan), "the token never expires"),
            ("not.a.token", "this is not a signed JSON Web Token"),
            ("x", "this is not a signed JSON Web Token"),
        ];

        foreach (var (token, reason) in bad)
        {
            var answer = await gateway.PublishAsync(form, Request, Bearer(token));
            Assert.Equal((StatusCode.Unauthenticated, reason), (answer.Code, answer.Message));
        }

        Assert.Equal(
            (StatusCode.Unauthenticated, "a bearer token is required in the header authorization"), await CodeAndTextAsync(gateway, form));
        Assert.Equal(0, gateway.Published);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Request, Bearer(issuer.Token(now: now)))).Code);
        Assert.Equal(
            StatusCode.OK,
            (await gateway.PublishAsync(
                form, Request, Bearer(issuer.Token(now: now, begins: TimeSpan.FromHours(-2), lasts: TimeSpan.FromSeconds(-29))))).Code);
        Assert.DoesNotContain(
            gateway.Logs.Lines, line => bad.Any(one => one.Token.Length > 20 && line.Contains(one.Token[^20..], StringComparison.Ordinal)));
    }

    private static async Task<(StatusCode, string)> CodeAndTextAsync(RulesGateway gateway, Form form)
    {
        var answer = await gateway.PublishAsync(form, Request);
        return (answer.Code, answer.Message);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_known_user_who_is_not_listed_is_denied(Form form)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer, null, "--auth.allowlist=alice,bob");
        var now = _time.GetUtcNow();
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Request, Bearer(issuer.Token("bob", now)))).Code);
        var answer = await gateway.PublishAsync(form, Request, Bearer(issuer.Token("mallory", now)));
        Assert.Equal(
            (StatusCode.PermissionDenied, "the caller is not on the allowlist", null),
            (answer.Code, answer.Message, answer.RetryAfter));
    }

    [Fact]
    public async Task A_returning_user_is_not_verified_again_until_the_token_expires()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        using var metrics = Listen(gateway);
        var token = Bearer(issuer.Token(now: _time.GetUtcNow()));
        for (var i = 0; i < 5; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(token)).Code);
        Assert.Equal(1, metrics.Sum("xmtp_gateway_jwt_verifications"));
        _time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(30));
        Assert.Equal("the token has expired", (await gateway.PublishAsync(token)).Message);
    }

    [Fact]
    public async Task A_verification_that_began_before_a_rotation_does_not_keep_a_token_of_a_removed_key()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        using var clock = new HeldClock();
        using var resolver = new JwtIdentityResolver(
            Microsoft.Extensions.Options.Options.Create(
                new JwtOptions { JwksUrl = issuer.KeysUrl, Issuer = TokenIssuer.Name, Audience = [TokenIssuer.Audience] }),
            clock, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        Assert.NotNull((await ResolveAsync(resolver, issuer.Token("bob", clock.GetUtcNow()))).Identity);
        var old = issuer.Token(now: clock.GetUtcNow());

        // Held where the verifier looks at the time of the token: its signature is checked already.
        clock.HoldInVerifier();
        var slow = Task.Run(() => ResolveAsync(resolver, old), TestContext.Current.CancellationToken);
        await clock.Held.WaitAsync(TestContext.Current.CancellationToken);
        issuer.Rotate();
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull((await ResolveAsync(resolver, issuer.Token("carol", clock.GetUtcNow()))).Identity);
        clock.LetGo();

        Assert.Null((await slow).Identity);
        Assert.Null((await ResolveAsync(resolver, old)).Identity);
    }

    [Theory]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.AAAAA.n0.eyJpc3MiOiJodGxl.wiYXVkIj")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.AAAAA.AAAA.AAAA.AAAA")]
    public async Task An_encrypted_token_that_is_no_base64_is_no_signed_token(string token)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var resolver = new JwtIdentityResolver(
            Microsoft.Extensions.Options.Options.Create(
                new JwtOptions { PublicKey = key.ExportSubjectPublicKeyInfoPem(), Issuer = JwtOptions.Any, Audience = [JwtOptions.Any] }),
            _time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var answer = await ResolveAsync(resolver, token);
        Assert.Null(answer.Identity);
        Assert.Equal("this is not a signed JSON Web Token", answer.Refusal);
    }

    private static async Task<Xmtp.Gateway.Identity.IdentityResult> ResolveAsync(JwtIdentityResolver resolver, string token)
    {
        var call = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        call.Request.Headers.Authorization = "Bearer " + token;
        return await resolver.ResolveAsync(call, TestContext.Current.CancellationToken);
    }

    // Stops one caller where it asks for the time, until it is let go; others go on.
    private sealed class HeldClock : FakeTimeProvider, IDisposable
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _go = new();
        private int _armed;

        public HeldClock()
            : base(TimeProvider.System.GetUtcNow())
        {
        }

        public Task Held => _held.Task;

        public void HoldInVerifier() => Volatile.Write(ref _armed, 1);

        public void LetGo() => _go.Set();

        public void Dispose() => _go.Dispose();

        public override DateTimeOffset GetUtcNow()
        {
            if (Volatile.Read(ref _armed) == 1
                && Environment.StackTrace.Contains("IsInTime", StringComparison.Ordinal)
                && Interlocked.Exchange(ref _armed, 0) == 1)
            {
                _held.SetResult();
                _go.Wait(TestContext.Current.CancellationToken);
            }

            return base.GetUtcNow();
        }
    }

    [Fact]
    public async Task A_rotated_key_is_found_at_once_and_the_old_one_counts_no_more()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        var old = Bearer(issuer.Token(now: _time.GetUtcNow()));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(old)).Code);
        issuer.Rotate();
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token("carol", _time.GetUtcNow())))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await gateway.PublishAsync(old)).Code);
    }

    [Fact]
    public async Task A_key_that_was_replaced_under_its_name_is_found_and_forgeries_cause_no_storm()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
        issuer.Replace();
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token("carol", _time.GetUtcNow())))).Code);

        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var sign = new SigningCredentials(new ECDsaSecurityKey(strange) { KeyId = issuer.KeyId }, "ES256");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => gateway.PublishAsync(Bearer(issuer.Token($"forger{i}", _time.GetUtcNow(), sign: sign)))));
        Assert.All(
            answers,
            answer => Assert.Equal(
                (StatusCode.Unauthenticated, "the token's signature is not the issuer's"), (answer.Code, answer.Message)));
        Assert.Equal(2, issuer.Fetches);
    }

    [Fact]
    public async Task A_token_of_EdDSA_is_reported_as_such()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        var parts = issuer.Token(now: _time.GetUtcNow()).Split('.');
        var header = Base64UrlEncoder.Encode("""{"alg":"EdDSA","typ":"JWT","kid":"key1"}""");
        Assert.Equal(
            "the token is signed with EdDSA, which the gateway does not verify; expected RS256, ES256",
            (await gateway.PublishAsync(Bearer($"{header}.{parts[1]}.{parts[2]}"))).Message);
    }

    public static TheoryData<string, string> KeyServers => new()
    {
        { "redirect", "it answered HTTP 302, a redirect, and those are not followed" },
        { "absent", "it answered HTTP 404" },
        { "down", "it answered HTTP 503" },
        { "edwards", "its keys are for EdDSA, which the gateway does not verify" },
        { "empty", "there is no public key of RSA or a NIST curve in the answer" },
    };

    [Theory, MemberData(nameof(KeyServers))]
    public async Task What_the_key_server_answers_in_place_of_keys_is_named_in_the_log(string server, string words)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        issuer.Instead = server switch
        {
            "redirect" => Results.Redirect("https://elsewhere.example/secret"),
            "absent" => Results.NotFound(),
            "down" => Results.StatusCode(503),
            "edwards" =>
                Results.Json(
                    new
                    {
                        keys = new[]
                        {
                            new { kty = "OKP", crv = "Ed25519", use = "sig", kid = "e", x = Base64UrlEncoder.Encode(new byte[32]) },
                        },
                    }),
            _ => Results.Json(new { keys = Array.Empty<string>() }),
        };
        await using var gateway = await StartAsync(issuer);
        Assert.Equal(StatusCode.Unavailable, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
        var line = Assert.Single(gateway.Logs.Lines, line => line.Contains("[3011]", StringComparison.Ordinal));
        Assert.Contains(words, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    public static TheoryData<string> Writings => ["as it is", "escaped", "quoted", "CRLF", "escaped CRLF", "separate"];

    [Theory, MemberData(nameof(Writings))]
    public async Task A_PEM_key_may_be_written_as_variables_and_command_lines_carry_it(string writing)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        var pem = writing switch
        {
            "escaped" => issuer.Pem.ReplaceLineEndings("\\n"),
            "quoted" => $"\"{issuer.Pem.ReplaceLineEndings("\\n")}\"",
            "CRLF" => issuer.Pem.ReplaceLineEndings("\r\n"),
            "escaped CRLF" => issuer.Pem.ReplaceLineEndings("\\r\\n"),
            _ => issuer.Pem,
        };
        string[] key = writing == "separate" ? ["--auth.jwt.public-key", pem] : ["--auth.jwt.public-key=" + pem];
        await using var gateway = await RulesGateway.StartAsync(
            chain, null, _time, [.. key, "--auth.jwt.issuer=*", "--auth.jwt.audience=*"]);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
    }

    [Fact]
    public async Task Tokens_of_unknown_keys_cause_no_storm_of_fetches()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await StartAsync(issuer);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = Enumerable.Range(0, 50)
            .Select(
                i => issuer.Token(
                    now: _time.GetUtcNow(), sign: new SigningCredentials(new ECDsaSecurityKey(strange) { KeyId = $"forged{i}" }, "ES256")));
        var answers = await Task.WhenAll(forged.Select(token => gateway.PublishAsync(Bearer(token))));
        Assert.All(answers, answer => Assert.Equal(StatusCode.Unauthenticated, answer.Code));
        Assert.Equal(1, issuer.Fetches);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Without_the_key_server_no_caller_is_blamed_and_known_keys_continue_to_work(Form form)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await issuer.GoAwayAsync();
        await using var gateway = await StartAsync(issuer);
        var token = Bearer(issuer.Token(now: _time.GetUtcNow(), lasts: TimeSpan.FromHours(9)));
        var answer = await gateway.PublishAsync(form, Request, token);
        Assert.Equal(
            (StatusCode.Unavailable, "tokens cannot be checked now: the issuer's keys are not available", "10"),
            (answer.Code, answer.Message, answer.RetryAfter));

        await issuer.ComeBackAsync();
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Request, token)).Code);
        await issuer.GoAwayAsync();
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Request, token)).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Request, Bearer(issuer.Token("dave", _time.GetUtcNow())))).Code);
    }

    [Fact]
    public async Task Discovery_names_the_keys_and_the_issuer()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await RulesGateway.StartAsync(
            chain, null, _time, "--auth.jwt.discovery-url", issuer.DiscoveryUrl.AbsoluteUri, "--auth.jwt.audience", TokenIssuer.Audience);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
        Assert.Equal(
            "the token is of another issuer",
            (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow(), issuer: "https://another.example")))).Message);
    }

    [Fact]
    public async Task A_PEM_key_a_header_and_a_claim_of_one_s_own_will_do()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            null,
            _time,
            "--auth.jwt.public-key=" + issuer.Pem,
            "--auth.jwt.issuer=*",
            "--auth.jwt.audience=*",
            "--auth.jwt.header=x-app-token",
            "--auth.jwt.user-claim=uid",
            "--auth.allowlist=alice2");
        Assert.Equal(
            StatusCode.OK,
            (await gateway.PublishAsync(("x-app-token", issuer.Token(now: _time.GetUtcNow(), issuer: "any", audience: "any")))).Code);
        Assert.Equal(
            StatusCode.PermissionDenied, (await gateway.PublishAsync(("x-app-token", issuer.Token("bob", now: _time.GetUtcNow())))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
        Assert.Equal(0, issuer.Fetches);
    }

    [Fact]
    public async Task Code_can_say_the_same_as_flags()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await RulesGateway.StartAsync(
            chain, rules => rules.UseJwt(jwt =>
            {
                jwt.PublicKey = issuer.Pem;
                jwt.Issuer = TokenIssuer.Name;
                jwt.Audience = [TokenIssuer.Audience];
            }), _time);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Bearer(issuer.Token(now: _time.GetUtcNow())))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await gateway.PublishAsync()).Code);
    }

    [Fact]
    public async Task Faults_are_listed_at_start()
    {
        await using var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough,
                "--auth.jwt.jwks-url=http://issuer.example/keys",
                "--auth.jwt.public-key=abc",
                "--auth.jwt.algorithms=HS256,none",
                "--auth.jwt.clock-skew=1h",
                "--limits=5",
                "--budgets=1/week",
            ]);
        var faults = await gateway.FaultsAsync();
        foreach (var flag in new[] { "jwks-url", "public-key", "algorithms", "clock-skew", "issuer", "audience" })
            Assert.Contains(faults, fault => fault.StartsWith($"--auth.jwt.{flag} (", StringComparison.Ordinal));
        Assert.Contains(
            faults, fault => fault.StartsWith("--limits (XMTPD_LIMITS): \"5\" is wrong; expected limits", StringComparison.Ordinal));
        Assert.Contains(
            faults,
            fault => fault.StartsWith("--budgets (XMTPD_BUDGETS): \"1/week\" is wrong; expected budgets", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--auth.jwt.audience=my-app")]
    [InlineData("--auth.jwt.issuer=https://issuer.example")]
    public async Task Tokens_that_are_half_set_up_do_not_leave_the_gateway_open(string given)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, given]);
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains("no keys are set to verify them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_requires_tokens_does_not_start_without_keys()
    {
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough, after: rules => rules.UseJwt());
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains("no keys are set to verify them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_key_file_is_distinguished_from_a_wrong_one()
    {
        await using var absent = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--auth.jwt.public-key-file=no-such.pem"]);
        Assert.Contains(
            await absent.FaultsAsync(),
            fault => fault.Contains($"no such file; a relative path begins at {Environment.CurrentDirectory}", StringComparison.Ordinal));
        await using var wrong = GatewayUnderTest.Build([
            .. GatewayUnderTest.Enough,
            $"--auth.jwt.public-key-file={typeof(JwtTests).Assembly.Location}",
        ]);
        Assert.Contains(await wrong.FaultsAsync(), fault => fault.Contains("cannot be read as PEM", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_function_can_name_the_caller_and_an_address_can_be_listed()
    {
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            rules => rules.AddAllowlist("10.0.0.0/8", "2001:db8::5"),
            _time,
            "--api.trusted-proxies=127.0.0.1",
            "--api.cors-origins=none");
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(("x-forwarded-for", "10.9.8.7"))).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(("x-forwarded-for", "2001:db8::77"))).Code);
        Assert.Equal(StatusCode.PermissionDenied, (await gateway.PublishAsync(("x-forwarded-for", "11.9.8.7"))).Code);
        Assert.Equal(StatusCode.PermissionDenied, (await gateway.PublishAsync(("x-forwarded-for", "2001:db8:0:1::5"))).Code);
    }

    [Fact]
    public async Task An_authorizer_sees_who_what_the_cost_and_the_headers()
    {
        PublishContext? seen = null;
        var header = "";
        await using var gateway = await RulesGateway.StartAsync(chain, rules => rules.AddAuthorizer((publish, _) =>
        {
            (seen, header) = (publish, publish.Headers["x-mine"].ToString());
            return ValueTask.FromResult(AuthorizationDecision.Allow);
        }));
        await gateway.PublishAsync(Form.ConnectJson, Envelopes.Request(Envelopes.Commit(), Envelopes.Welcome(1, 300)), ("x-mine", "yes"));
        Assert.Equal("127.0.0.1", seen!.Identity.Value);
        Assert.Equal(
            [Xmtp.Gateway.Protocol.Envelopes.Destination.AppChain, Xmtp.Gateway.Protocol.Envelopes.Destination.BroadcastNetwork],
            seen.Envelopes.Select(envelope => envelope.Destination));
        Assert.True(seen.Envelopes[1].Bytes.Length > 300);
        Assert.Equal("yes", header);
    }
}
