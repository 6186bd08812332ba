using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>This platform has a curve that works. Without one not even the settings can be read, so it is looked at before them.</summary>
internal static class CurveCheck
{
    /// <summary>Looks.</summary>
    /// <exception cref="GatewayStartException">There is none; it says the platform and those that have one.</exception>
    public static void Run()
    {
        try
        {
            _ = Secp256k1.Default;
        }
        catch (PlatformNotSupportedException unsupported)
        {
            throw new GatewayStartException([unsupported.Message]);
        }
    }
}
