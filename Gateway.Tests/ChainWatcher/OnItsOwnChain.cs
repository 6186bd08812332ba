using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>Tests of a watcher that each have a chain of their own, whose time they move, and a folder for checkpoints.</summary>
public abstract class OnItsOwnChain : IAsyncLifetime
{
    protected DevChainFixture Fixture { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("watcher").FullName;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => Fixture.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
