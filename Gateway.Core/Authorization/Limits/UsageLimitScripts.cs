using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The store's operations: the <c>.lua</c> files beside this one. Each begins with <c>common.lua</c>, which documents
/// how Redis stores a limit.
/// </summary>
internal static class UsageLimitScripts
{
    internal static readonly string Take = Load("take");
    internal static readonly string GiveBack = Load("giveback");
    internal static readonly string Raise = Load("raise");
    internal static readonly string Correct = Load("correct");

    private static string Load(string name) => EmbeddedLua.Read(typeof(UsageLimitScripts), "common", name);
}
