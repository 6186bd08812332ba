using SharpFuzz;

namespace Xmtp.Gateway.Fuzz;

/// <summary>Adds AFL's counters of branches to assemblies in a folder, which has to be a copy of this program's.</summary>
internal static class Instrumentation
{
    private static readonly string[] Assemblies =
    [
        "Xmtp.Gateway.dll", "Xmtp.Gateway.Protocol.dll", "Xmtp.Gateway.Chain.dll", "Nethereum.RLP.dll",
        "Microsoft.IdentityModel.JsonWebTokens.dll", "Microsoft.IdentityModel.Tokens.dll",
    ];

    public static void AddTo(string folder)
    {
        foreach (var assembly in Assemblies)
        {
            var types = Fuzzer.Instrument(Path.Combine(folder, assembly), _ => true, Options.Value).Count();
            Console.WriteLine($"{assembly}: {types} types");
        }
    }
}
