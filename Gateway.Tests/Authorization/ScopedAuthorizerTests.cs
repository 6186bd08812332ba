using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

/// <summary>Authorizers and identity resolvers that need scoped services, such as a database context.</summary>
public sealed class ScopedAuthorizerTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    [Fact]
    public async Task Each_publish_gets_scoped_services_of_its_own_that_end_with_it()
    {
        var opened = new Opened();
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            rules =>
            {
                rules.Services.AddSingleton(opened).AddScoped<Session>();
                rules.UseScopedIdentity<SessionIdentity>().AddScopedAuthorizer<SessionRule>().AddScopedAuthorizer<OtherSessionRule>();
            });
        for (var i = 0; i < 3; i++) Assert.Equal(StatusCode.OK, (await gateway.PublishAsync()).Code);
        Assert.Equal(3, gateway.Published);
        Assert.Equal((9, 0, 1), (opened.Sessions, opened.Open, opened.MaxUses));
    }

    [Fact]
    public async Task A_type_that_is_created_once_and_needs_a_scoped_service_is_a_fault_at_start()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough,
            after: rules =>
            {
                rules.Services.AddSingleton(new Opened()).AddScoped<Session>().AddTransient<Through>();
                rules.UseIdentity<SessionIdentity>().AddAuthorizer<DeepRule>();
            });
        var faults = await gateway.FaultsAsync();
        Assert.Contains(
            "UseIdentity<SessionIdentity>: it is created once and needs Session, which is scoped; expected " +
            "UseScopedIdentity<SessionIdentity>, which creates it for each publish",
            faults);
        Assert.Contains(
            faults, fault => fault.StartsWith("AddAuthorizer<DeepRule>: it is created once and needs Session", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scoped_services_behind_open_generics_and_sequences_are_found_too()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough,
            after: rules =>
            {
                rules.Services.AddSingleton(new Opened()).AddScoped<Session>().AddTransient<Through>();
                rules.Services.AddScoped(typeof(IRepository<>), typeof(Repository<>)).AddTransient(typeof(Cached<>));
                rules.AddAuthorizer<RepositoryRule>().AddAuthorizer<CachedRule>().AddAuthorizer<SequenceRule>();
            });
        var faults = await gateway.FaultsAsync();
        Assert.Contains(
            "AddAuthorizer<RepositoryRule>: it is created once and needs IRepository<String>, which is scoped; expected " +
            "AddScopedAuthorizer<RepositoryRule>, which creates it for each publish",
            faults);
        foreach (var (rule, service) in new[] { ("CachedRule", "IRepository<Int32>"), ("SequenceRule", "Session") })
        {
            var start = $"AddAuthorizer<{rule}>: it is created once and needs {service}, which is scoped";
            Assert.Contains(faults, fault => fault.StartsWith(start, StringComparison.Ordinal));
        }
    }

    private interface IRepository<T>
    {
        T? Find();
    }

    private sealed class Repository<T> : IRepository<T>
    {
        public T? Find() => default;
    }

    private sealed class Cached<T>(IRepository<T> repository)
    {
        public T? Find() => repository.Find();
    }

    private sealed class RepositoryRule(IRepository<string> repository) : AllowAfter(() => repository.Find());

    private sealed class CachedRule(Cached<int> cached) : AllowAfter(() => cached.Find());

    private sealed class SequenceRule(IEnumerable<Through> all) : AllowAfter(() => all.Count());

    private abstract class AllowAfter(Func<object?> work) : IPublishAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
        {
            _ = work();
            return ValueTask.FromResult(AuthorizationDecision.Allow);
        }
    }

    private sealed class Opened
    {
        private int _sessions, _open, _maxUses;

        public int Sessions => Volatile.Read(ref _sessions);

        public int Open => Volatile.Read(ref _open);

        public int MaxUses => Volatile.Read(ref _maxUses);

        public void Begin()
        {
            Interlocked.Increment(ref _sessions);
            Interlocked.Increment(ref _open);
        }

        public void End(int uses)
        {
            Interlocked.Decrement(ref _open);
            if (uses > _maxUses) _maxUses = uses;
        }
    }

    private sealed class Session : IDisposable
    {
        private readonly Opened _opened;
        private int _uses;

        public Session(Opened opened)
        {
            _opened = opened;
            opened.Begin();
        }

        public void Use() => Interlocked.Increment(ref _uses);

        public void Dispose() => _opened.End(_uses);
    }

    private sealed class Through(Session session)
    {
        public void Use() => session.Use();
    }

    private sealed class SessionIdentity(Session session) : IIdentityResolver
    {
        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken)
        {
            session.Use();
            return ValueTask.FromResult(IdentityResult.Known(new ClientIdentity("user", "alice")));
        }
    }

    private class SessionRule(Session session) : IPublishAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
        {
            session.Use();
            return ValueTask.FromResult(AuthorizationDecision.Allow);
        }
    }

    private sealed class OtherSessionRule(Session session) : SessionRule(session);

    private sealed class DeepRule(Through through) : IPublishAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
        {
            through.Use();
            return ValueTask.FromResult(AuthorizationDecision.Allow);
        }
    }
}
