namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// The store's operations: the <c>.lua</c> files beside this one. Each begins with <c>common.lua</c>, which documents
/// the store's layout.
/// </summary>
internal static class RedisScripts
{
    /// <summary>The layout that this release writes, and the newest one that it reads.</summary>
    internal const string Layout = "2";

    internal const string LayoutField = "@layout";

    internal static readonly string Open = Load("open");
    internal static readonly string Reserve = Load("reserve");
    internal static readonly string Renew = Load("renew");
    internal static readonly string Release = Load("release");
    internal static readonly string Sign = Load("sign");
    internal static readonly string Broadcast = Load("broadcast");
    internal static readonly string Refuse = Load("refuse");
    internal static readonly string Finish = Load("finish");
    internal static readonly string Restore = Load("restore");
    internal static readonly string Observe = Load("observe");
    internal static readonly string Adopt = Load("adopt");
    internal static readonly string List = Load("list");
    internal static readonly string Doubt = Load("doubt");

    private static string Load(string name) => Read("common") + Read(name);

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(RedisScripts).Assembly.GetManifestResourceStream(typeof(RedisScripts), file + ".lua")!);
        return reader.ReadToEnd();
    }
}
