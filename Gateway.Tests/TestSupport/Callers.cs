using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Sixteen callers, where a fault has to be shown under load.</summary>
public static class Callers
{
    public const int Count = 16;

    /// <summary>A message of each caller; each is different.</summary>
    public static ClientEnvelope[] Messages(byte from = 1) =>
        [.. Enumerable.Range(from, Count).Select(seed => Envelopes.Application((byte)seed))];
}

/// <summary>Each request comes from the caller that the test names before it.</summary>
public sealed class NamedCaller : IIdentityResolver
{
    public string Name { get; set; } = "anyone";

    /// <summary>The payer that was selected for it; null for the only one.</summary>
    public string? Payer { get; set; }

    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
        new(IdentityResult.Known(new ClientIdentity("test", Name) { Payer = Payer }));
}

/// <summary>Each request comes from somebody else.</summary>
public sealed class EachAnother : IIdentityResolver
{
    private int _count;

    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
        new(IdentityResult.Known(new ClientIdentity("test", $"{Interlocked.Increment(ref _count)}")));
}
