namespace Xmtp.Gateway.Crypto;

/// <summary>Chooses the curve implementation of this process: libsecp256k1 where the system has it, BouncyCastle elsewhere.</summary>
public static class Secp256k1
{
    private static readonly Lazy<IReadOnlyList<ISecp256k1>> Found = new(Find);

    /// <summary>The implementation in use. Chosen once; <see cref="ISecp256k1.Name"/> says which.</summary>
    public static ISecp256k1 Default => Found.Value[0];

    /// <summary>Every implementation that works on this machine, the preferred one first. The managed one is always among them.</summary>
    public static IReadOnlyList<ISecp256k1> Available => Found.Value;

    private static ISecp256k1[] Find() =>
        NativeSecp256k1.TryLoad() is { } native ? [native, new ManagedSecp256k1()] : [new ManagedSecp256k1()];
}
