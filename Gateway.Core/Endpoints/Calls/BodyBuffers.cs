using System.Buffers;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Allocates the arrays of bodies: small ones from the shared pool, medium ones from a small pool, large ones from the
/// garbage-collected heap.
/// </summary>
/// <remarks>
/// A shared pool keeps returned arrays, per processor: after a flood of large bodies that would be memory that no limit
/// counts. Here it is at most 30 MiB.
/// </remarks>
internal static class BodyBuffers
{
    private const int SharedUpTo = 64 * 1024;
    private const int PooledUpTo = 1024 * 1024;
    private const int KeptOfEachSize = 16;
    private static readonly ArrayPool<byte> Middle = ArrayPool<byte>.Create(PooledUpTo, KeptOfEachSize);

    /// <summary>An array of at least this size; exactly of this size when it is larger than 1 MiB.</summary>
    internal static byte[] Rent(int size) => size switch
    {
        <= SharedUpTo => ArrayPool<byte>.Shared.Rent(size),
        <= PooledUpTo => Middle.Rent(size),
        _ => GC.AllocateUninitializedArray<byte>(size),
    };

    /// <summary>Returns an array.</summary>
    internal static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= SharedUpTo) ArrayPool<byte>.Shared.Return(array);
        else if (array.Length is > SharedUpTo and <= PooledUpTo) Middle.Return(array);
    }
}
