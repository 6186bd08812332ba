using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Calls;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>The buffer of a call's message. At its end nothing may be counted as held any more.</summary>
internal sealed class CallMemory : IDisposable
{
    /// <summary>The largest message, in bytes, below a power of two; small, so that an input can exceed it.</summary>
    public const int MaxMessage = (128 * 1024) - 1;

    private static readonly BytesInFlight Budget = new(
        Options.Create(new ApiOptions { MaxBytesInFlight = ApiOptions.MinBytesInFlight }), new Meters());

    private readonly CallBytes _bytes = new(Budget, address: 1);

    public CallMemory() => Message = new MessageBuffer(_bytes, MaxMessage);

    public MessageBuffer Message { get; }

    /// <summary>A buffer with a message in it.</summary>
    public static CallMemory Of(byte[] message)
    {
        var memory = new CallMemory();
        var full = memory.Message.Append(new ReadOnlySequence<byte>(message), message.Length);
        Expect.That(full is null, "a message below the limit has room");
        return memory;
    }

    public void Dispose()
    {
        var (length, inUse) = (Message.Length, Budget.InUse);
        Message.Return();
        var left = Budget.InUse;
        _bytes.End();
        // An array of a pool may be twice as large as what is asked for.
        Expect.That(length <= inUse && inUse <= 2 * (MaxMessage + 1), $"{inUse} bytes in flight for {length}");
        Expect.Same(0, left, "bytes in flight after a call");
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
