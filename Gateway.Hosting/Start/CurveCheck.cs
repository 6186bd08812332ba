using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>
/// Checks that this platform has a working curve. Runs first, as not even the settings can be read without one.
/// </summary>
internal static class CurveCheck
{
    /// <summary>Runs the check.</summary>
    /// <exception cref="GatewayStartException">There is none; the message names this platform and the supported
    /// ones.</exception>
    public static void Run()
    {
        try
        {
            _ = Secp256k1.Default;
        }
        catch (PlatformNotSupportedException exception)
        {
            throw new GatewayStartException([exception.Message]);
        }
    }
}
