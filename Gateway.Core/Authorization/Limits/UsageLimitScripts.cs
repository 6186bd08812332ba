using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The store's operations: the <c>.lua</c> files beside this one. Each begins with <c>common.lua</c>, which documents
/// how Redis stores a limit.
/// </summary>
internal static class UsageLimitScripts
{
    internal static readonly RedisScript Take = Load("take");
    internal static readonly RedisScript Refund = Load("refund");
    internal static readonly RedisScript Raise = Load("raise");
    internal static readonly RedisScript Correct = Load("correct");

    private static RedisScript Load(string name) => RedisScript.Read(typeof(UsageLimitScripts), "common", name);
}
