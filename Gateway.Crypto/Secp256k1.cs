namespace Xmtp.Gateway.Crypto;

/// <summary>Chooses the curve implementation of this process: libsecp256k1 where the system has it, BouncyCastle elsewhere.</summary>
public static class Secp256k1
{
    /// <summary>The implementation in use. Chosen once; <see cref="ISecp256k1.Name"/> says which.</summary>
    public static ISecp256k1 Default => throw new NotImplementedException();
}
