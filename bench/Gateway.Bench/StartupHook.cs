using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

/// <summary>
/// What the runtime runs first in a server under measurement (<c>DOTNET_STARTUP_HOOKS</c>, so without a change in the
/// server): whoever connects to the port is told how many bytes the process has allocated, and who then sends a byte also
/// how many are on the managed heap after a full collection. When the benchmark is gone, however it ended, the server ends.
/// Both cost nothing until then.
/// </summary>
/// <remarks>The runtime wants this name, outside of any namespace.</remarks>
internal static class StartupHook
{
    /// <summary>The variable that names the port.</summary>
    public const string PortVariable = "GATEWAY_BENCH_ALLOCATION_PORT";

    public static void Initialize()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(PortVariable), out var port)) return;
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        new Thread(() => Answer(listener)) { IsBackground = true, Name = "allocation figures" }.Start();
        new Thread(EndWithBenchmark) { IsBackground = true, Name = "end with the benchmark" }.Start();
    }

    private static void EndWithBenchmark()
    {
        while (Console.In.ReadLine() is not null) { }
        Environment.Exit(0);
    }

    private static void Answer(TcpListener listener)
    {
        var bytes = new byte[8];
        while (true)
        {
            using var connection = listener.AcceptTcpClient();
            BinaryPrimitives.WriteInt64BigEndian(bytes, GC.GetTotalAllocatedBytes(precise: true));
            var stream = connection.GetStream();
            stream.Write(bytes);
            if (!WantsHeap(stream)) continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            BinaryPrimitives.WriteInt64BigEndian(bytes, heap.HeapSizeBytes - heap.FragmentedBytes);
            stream.Write(bytes);
        }
    }

    private static bool WantsHeap(NetworkStream stream)
    {
        try
        {
            return stream.ReadByte() >= 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
