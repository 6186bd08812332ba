using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

public sealed class LimitTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    private static int _made;

    /// <summary>Envelopes that nobody has sent before: repetitions are not charged.</summary>
    private static PublishClientEnvelopesRequest Welcomes(int count)
    {
        var first = Interlocked.Add(ref _made, count) - count;
        return Envelopes.Request([.. Enumerable.Range(first, count).Select(i => Envelopes.Welcome((byte)i, 600 + (i / 256)))]);
    }

    private static PublishClientEnvelopesRequest FirstOf(PublishClientEnvelopesRequest request, int count) =>
        Envelopes.Request([.. request.Envelopes.Take(count)]);

    private Task<RulesGateway> StartAsync(Action<XmtpGatewayBuilder> rules, TimeProvider? time = null) =>
        RulesGateway.StartAsync(chain, rules, time);

    [Theory, MemberData(nameof(Forms))]
    public async Task Over_a_limit_every_protocol_returns_the_limit_and_wait_and_no_identity(Form form)
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(rules => rules.AddRateLimit(3, TimeSpan.FromMinutes(1)), time);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(3))).Code);

        var answer = await gateway.PublishAsync(form, Welcomes(2));

        Assert.Equal(
            (StatusCode.ResourceExhausted, "over the limit of 3 per 1m for each client; try again in 40 s", "40"),
            (answer.Code, answer.Message, answer.RetryAfter));
        Assert.Equal(40, answer.Detail<RetryInfo>().RetryDelay.Seconds);
        Assert.Equal("RATE_LIMITED", answer.Detail<ErrorInfo>().Reason);

        time.Advance(TimeSpan.FromSeconds(39.7));
        Assert.Equal("1", (await gateway.PublishAsync(form, Welcomes(2))).RetryAfter);
        time.Advance(TimeSpan.FromSeconds(0.3));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(2))).Code);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_publish_above_the_capacity_is_refused_permanently_and_charges_nothing(Form form)
    {
        await using var gateway = await StartAsync(rules => rules.AddRateLimit(10, Hour));
        for (var i = 0; i < 3; i++)
        {
            var answer = await gateway.PublishAsync(form, Welcomes(11));
            Assert.Equal((StatusCode.InvalidArgument, null), (answer.Code, answer.RetryAfter));
            Assert.Equal(
                "envelopes: the request costs more than the limit of 10 per 1h for each client ever allows at once; split the batch",
                answer.Message);
        }

        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(10))).Code);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_spent_budget_waits_for_midnight(Form form)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2027, 12, 31, 23, 0, 0, TimeSpan.Zero));
        await using var gateway = await StartAsync(
            rules =>
            {
                rules.Services.AddSingleton<ICostEstimator>(new Dollar());
                rules.AddBudget(2, BudgetPeriod.Day)
                    .AddBudget(new Budget(Picodollars.FromDollars(100), BudgetPeriod.Month) { Scope = LimitScope.WholeGateway });
            },
            time);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(2))).Code);

        var answer = await gateway.PublishAsync(form, Welcomes(1));

        Assert.Equal(
            (StatusCode.ResourceExhausted, "over the budget of 2 dollars a day for each client; try again in 3600 s", "3600"),
            (answer.Code, answer.Message, answer.RetryAfter));
        Assert.Equal("BUDGET_SPENT", answer.Detail<ErrorInfo>().Reason);
        Assert.Equal(StatusCode.InvalidArgument, (await gateway.PublishAsync(form, Welcomes(3))).Code);
        time.Advance(Hour);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(2))).Code);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_repetition_is_answered_and_charges_no_limit_and_no_budget(Form form)
    {
        await using var gateway = await StartAsync(rules =>
        {
            rules.Services.AddSingleton<ICostEstimator>(new Dollar());
            rules.AddRateLimit(3, Hour).AddBudget(3, BudgetPeriod.Month);
        });
        var three = Welcomes(3);
        for (var i = 0; i < 5; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, FirstOf(three, 2))).Code);
        Assert.Equal(2, gateway.Published);

        // One of these three is new, and one is left.
        for (var i = 0; i < 3; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, three)).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(form, Welcomes(1))).Code);
        Assert.Equal(3, gateway.Published);
    }

    [Fact]
    public async Task The_rest_of_a_batch_over_the_limit_is_refused_and_the_completed_part_is_named()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(rules => rules.AddRateLimit(3, TimeSpan.FromMinutes(1)), time);
        var three = Welcomes(3);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, FirstOf(three, 2))).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);

        var answer = await gateway.PublishAsync(Form.Grpc, three);

        Assert.Equal(
            (StatusCode.ResourceExhausted, "over the limit of 3 per 1m for each client; try again in 20 s", "20"),
            (answer.Code, answer.Message, answer.RetryAfter));
        Assert.Equal("0-1", answer.Detail<ErrorInfo>().Metadata["published_indexes"]);
        Assert.Equal(3, gateway.Published);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, three)).Code);
        Assert.Equal(4, gateway.Published);
    }

    [Fact]
    public async Task A_publish_that_waits_for_the_same_in_flight_is_not_charged()
    {
        await using var gateway = await StartAsync(rules => rules.AddRateLimit(1, Hour));
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Network.Before = async (_, _) =>
        {
            arrived.TrySetResult();
            await gate.Task;
        };
        var one = Welcomes(1);
        var first = gateway.PublishAsync(Form.Grpc, one);
        await arrived.Task;
        var second = gateway.PublishAsync(Form.Grpc, one);
        gate.SetResult();
        Assert.Equal([StatusCode.OK, StatusCode.OK], (await Task.WhenAll(first, second)).Select(answer => answer.Code));
        Assert.Equal(1, gateway.Published);
    }

    [Fact]
    public async Task What_the_network_charged_counts_in_the_gateways_budget_of_the_month_and_in_no_other()
    {
        await using var gateway = await StartAsync(rules =>
        {
            rules.Services.AddSingleton<ICostEstimator>(new Dollar());
            rules.AddBudget(3, BudgetPeriod.Day)
                .AddBudget(new Budget(Picodollars.FromDollars(5), BudgetPeriod.Month) { Scope = LimitScope.WholeGateway });
        });
        var funds = gateway.Services.GetServices<IHostedService>().OfType<FundsWatch>().Single();
        await funds.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
        var payer = gateway.Services.GetRequiredService<ISigner>().Address;
        await chain.Chain.SettleUsageAsync(
            new Bytes32(new byte[32]), [(payer, new Microdollars(4_000_000))], TestContext.Current.CancellationToken);
        await funds.RefreshAsync(TestContext.Current.CancellationToken);

        var answer = await gateway.PublishAsync(Form.Grpc, Welcomes(2));

        Assert.StartsWith("over the budget of 5 dollars a month for the whole gateway", answer.Message, StringComparison.Ordinal);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
    }

    [Fact]
    public async Task What_was_settled_gives_budget_back()
    {
        await using var gateway = await StartAsync(rules =>
        {
            rules.Services.AddSingleton<ICostEstimator>(new Dollar());
            rules.UseIdentity((_, _) => ValueTask.FromResult(IdentityResult.Known(new ClientIdentity("test", "alice"))))
                .AddBudget(2, BudgetPeriod.Month);
        });
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(2))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
        Assert.True(
            await gateway.Services.GetRequiredService<BudgetLedger>()
                .CorrectAsync(new ClientIdentity("test", "alice"), Picodollars.FromDollars(-1.5m), TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task What_was_not_sent_is_given_back_to_limits_and_budgets_and_the_rest_of_its_batch_stays_charged(Form form)
    {
        await using var gateway = await StartAsync(rules =>
        {
            rules.Services.AddSingleton<ICostEstimator>(new Dollar());
            rules.AddRateLimit(new RateLimit(60, Hour) { Weights = new LimitWeights { Welcome = 10 }, Scope = LimitScope.WholeGateway })
                .AddBudget(6, BudgetPeriod.Month);
        });
        gateway.Network.SendsNot = _ => true;
        for (var i = 0; i < 5; i++) Assert.Equal("nobody could be reached", (await gateway.PublishAsync(form, Welcomes(6))).Message);

        // Of four one is published, two are not sent, and of one nobody knows.
        gateway.Network.SendsNot = envelope => envelope.Index is 1 or 2;
        gateway.Network.Fails = envelope => envelope.Index == 3
            ? new Xmtp.Gateway.Publishing.PublishError(Xmtp.Gateway.Publishing.PublishErrorKind.Unavailable, "lost")
            : null;
        Assert.Equal("nobody could be reached", (await gateway.PublishAsync(form, Welcomes(4))).Message);

        gateway.Network.SendsNot = _ => false;
        gateway.Network.Fails = _ => null;
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(form, Welcomes(5))).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, Welcomes(4))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(form, Welcomes(1))).Code);
    }

    [Fact]
    public async Task What_was_not_sent_is_given_back_to_the_month_that_it_was_taken_from_alone()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2028, 2, 29, 23, 59, 30, TimeSpan.Zero));
        await using var gateway = await StartAsync(
            rules =>
            {
                rules.Services.AddSingleton<ICostEstimator>(new Dollar());
                rules.AddBudget(3, BudgetPeriod.Month);
            },
            time);
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Network.SendsNot = _ => true;
        gateway.Network.Before = async (_, _) =>
        {
            arrived.TrySetResult();
            await gate.Task;
        };
        var late = gateway.PublishAsync(Form.Grpc, Welcomes(3));
        await arrived.Task;
        time.Advance(TimeSpan.FromMinutes(1));
        gateway.Network.SendsNot = _ => false;
        gateway.Network.Before = (_, _) => Task.CompletedTask;
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(3))).Code);
        gateway.Network.SendsNot = _ => true;
        gate.SetResult();
        Assert.Equal(StatusCode.Unavailable, (await late).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, Welcomes(1))).Code);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Repetitions_have_a_limit_of_their_own(Form form)
    {
        var time = new FakeTimeProvider();
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            rules => rules.UseIdentity(
                (call, _) => ValueTask.FromResult(
                    IdentityResult.Known(new ClientIdentity("test", call.Request.Headers["user"].ToString())))),
            time, "--limits.repeated-calls=3");
        var one = Welcomes(1);
        for (var i = 0; i < 4; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, one, ("user", "a"))).Code);

        var answer = await gateway.PublishAsync(form, one, ("user", "a"));

        Assert.Equal(
            (StatusCode.ResourceExhausted, "over the limit of 3 repeated calls per 1m for each client; try again in 1 s", "1"),
            (answer.Code, answer.Message, answer.RetryAfter));
        Assert.Equal("REPETITIONS_LIMITED", answer.Detail<ErrorInfo>().Reason);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, one, ("user", "b"))).Code);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(form, one, ("user", "a"))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(form, Welcomes(1), ("user", "a"))).Code);
        Assert.Equal(2, gateway.Published);
    }

    [Fact]
    public async Task Repetitions_that_fail_count_in_that_limit_too()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            rules => rules.UseIdentity(
                (call, _) => ValueTask.FromResult(
                    IdentityResult.Known(new ClientIdentity("test", call.Request.Headers["user"].ToString())))),
            time, "--limits.repeated-calls=3", "--idempotency.capacity=1");

        async Task AreBoundedAsync(string user, StatusCode code, string reason, Func<Task<Answer>> repeat)
        {
            for (var i = 0; i < 3; i++)
            {
                var answer = await repeat();
                Assert.Equal((user, code, reason), (user, answer.Code, answer.Detail<ErrorInfo>().Reason));
            }

            Assert.Equal("REPETITIONS_LIMITED", (await repeat()).Detail<ErrorInfo>().Reason);
        }

        // Twice in one call, and neither is published.
        gateway.Network.Fails = _ => new PublishError(PublishErrorKind.FailedPrecondition, "no");
        var one = Welcomes(1);
        var twice = Envelopes.Request(one.Envelopes[0], one.Envelopes[0]);
        await AreBoundedAsync(
            "twice", StatusCode.FailedPrecondition, "FAILED_PRECONDITION", () => gateway.PublishAsync(Form.Grpc, twice, ("user", "twice")));
        gateway.Network.Fails = _ => null;

        // Published before, and its answer is no longer kept.
        var old = Welcomes(1);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, old, ("user", "old"))).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(1), ("user", "other"))).Code);
        await AreBoundedAsync(
            "old", StatusCode.FailedPrecondition, "ALREADY_PUBLISHED", () => gateway.PublishAsync(Form.Grpc, old, ("user", "old")));
    }

    [Fact]
    public async Task Repeated_bytes_are_bounded_and_new_ones_are_not()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await RulesGateway.StartAsync(chain, null, time, "--limits.repeated-bytes=10KiB");
        for (var i = 0; i < 20; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(5))).Code);
        var large = Envelopes.Request(Envelopes.Welcome(7, 16_000));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, large)).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, large)).Code);

        var answer = await gateway.PublishAsync(Form.Grpc, large);

        Assert.Equal(StatusCode.ResourceExhausted, answer.Code);
        Assert.StartsWith(
            "over the limit of 10,240 repeated bytes per 1m for each client; try again in ", answer.Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, large)).Code);
    }

    [Fact]
    public async Task Several_limits_apply_together_and_a_refusal_charges_none()
    {
        await using var gateway = await StartAsync(rules => rules
            .UseIdentity(
                (call, _) => ValueTask.FromResult(
                    IdentityResult.Known(new ClientIdentity("test", call.Request.Headers["user"].ToString()))))
            .AddRateLimit(10, Hour)
            .AddRateLimit(new RateLimit(15, Hour) { Scope = LimitScope.WholeGateway }));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(8), ("user", "a"))).Code);
        var whole = await gateway.PublishAsync(Form.Grpc, Welcomes(8), ("user", "b"));
        Assert.Equal(StatusCode.ResourceExhausted, whole.Code);
        Assert.StartsWith("over the limit of 15 per 1h for the whole gateway", whole.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "over the limit of 10 per 1h for each client",
            (await gateway.PublishAsync(Form.Grpc, Welcomes(3), ("user", "a"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(7), ("user", "b"))).Code);
    }

    [Fact]
    public async Task Kinds_weigh_what_they_were_given()
    {
        await using var gateway = await StartAsync(
            rules => rules.AddRateLimit(
                new RateLimit(20, Hour)
                {
                    Weights = new LimitWeights { Commit = 10, IdentityUpdate = 5, KeyPackage = 0, Welcome = 2, GroupMessage = 3 },
                }));
        var all = Envelopes.Request(
            Envelopes.Commit(), Envelopes.Identity(), Envelopes.KeyPackage(), Envelopes.Welcome(), Envelopes.Application());
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, all)).Code);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.KeyPackage(7)))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.Welcome(9)))).Code);
    }

    [Fact]
    public async Task A_function_can_weigh_by_bytes()
    {
        await using var gateway = await StartAsync(
            rules => rules.AddRateLimit(
                new RateLimit(1000, Hour) { Weigh = publish => publish.Envelopes.Sum(envelope => (long)envelope.Bytes.Length) }));
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.Welcome(1, 500)))).Code);
        Assert.Equal(
            StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.Welcome(2, 500)))).Code);
    }

    [Fact]
    public async Task The_default_limit_allows_creating_a_group_of_250_and_adding_a_member()
    {
        await using var gateway = await StartAsync(rules => rules.AddRateLimit());
        var make = Envelopes.Request([Envelopes.Commit(), .. Welcomes(750).Envelopes]);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, make)).Code);
        Assert.Equal(
            StatusCode.OK,
            (await gateway.PublishAsync(Form.Grpc, Envelopes.Request([Envelopes.Commit(2), .. Welcomes(10).Envelopes]))).Code);
    }

    [Fact]
    public async Task A_refusal_by_an_authorizer_charges_no_limit()
    {
        var allowed = false;
        await using var gateway = await StartAsync(rules => rules
            .AddRateLimit(new RateLimit(2, Hour) { Scope = LimitScope.WholeGateway })
            .AddAuthorizer(
                (_, _) => ValueTask.FromResult(
                    Volatile.Read(ref allowed) ? AuthorizationDecision.Allow : AuthorizationDecision.Deny("not now"))));
        for (var i = 0; i < 5; i++) Assert.Equal("not now", (await gateway.PublishAsync(Form.Grpc, Welcomes(2))).Message);
        Volatile.Write(ref allowed, true);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Welcomes(2))).Code);
    }

    [Fact]
    public async Task Ten_thousand_addresses_of_one_subscriber_share_one_limit()
    {
        await using var gateway = await RulesGateway.StartAsync(
            chain, null, new FakeTimeProvider(), "--api.trusted-proxies=127.0.0.1", "--limits=100/1h");
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        var codes = new StatusCode[10_000];
        await Parallel.ForAsync(0, codes.Length, new ParallelOptions
        {
            MaxDegreeOfParallelism = 16,
            CancellationToken = TestContext.Current.CancellationToken,
        }, async (i, _) =>
            codes[i] = (await client.PublishAsync(Welcomes(1), ("x-forwarded-for", $"2001:db8:1:2::{i:x}"))).Code);
        Assert.Equal(100, codes.Count(code => code == StatusCode.OK));
        Assert.Equal(9_900, codes.Count(code => code == StatusCode.ResourceExhausted));
        Assert.Equal(StatusCode.OK, (await client.PublishAsync(Welcomes(1), ("x-forwarded-for", "2001:db8:1:3::1"))).Code);
    }

    [Fact]
    public async Task Flags_say_all_of_it_without_code()
    {
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            null,
            null,
            "--limits=stock, 30/10s burst=50 app-chain=7 gateway, 5/m welcome=0",
            "--budgets=0.50/day, 300/month gateway",
            "--limits.when-store-unavailable=local");
        var limits = gateway.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<LimitsOptions>>().Value;
        Assert.Equal(
            [
                RateLimit.Stock,
                new RateLimit(30, TimeSpan.FromSeconds(10))
                {
                    Burst = 50,
                    Scope = LimitScope.WholeGateway,
                    Weights = new LimitWeights { Commit = 7, IdentityUpdate = 7 },
                },
                new RateLimit(5, TimeSpan.FromMinutes(1)) { Weights = new LimitWeights { Welcome = 0 } },
            ],
            limits.Rates);
        Assert.Equal(
            [
                new Budget(new(500_000_000_000), BudgetPeriod.Day),
                new Budget(new(300_000_000_000_000), BudgetPeriod.Month) { Scope = LimitScope.WholeGateway },
            ],
            limits.Budgets);
        Assert.Equal(StoreUnavailablePolicy.Local, limits.WhenStoreUnavailable);
    }

    private sealed class Dollar : ICostEstimator
    {
        public CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes) => new(Picodollars.FromDollars(envelopes.Count), default);
    }
}
