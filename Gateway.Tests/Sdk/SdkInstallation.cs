using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The SDKs from npm, installed once into <c>e2e/node_modules</c> whatever number of processes want them.</summary>
public sealed class SdkInstallation : IAsyncLifetime
{
    private const string Done = ".installed";

    /// <summary>The folder of the scripts.</summary>
    public static string Folder { get; } = Path.Combine(ToolsFolder.Repository ?? throw new InvalidOperationException("the tests run outside of the repository"), "e2e");

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TestLimit.Longest);
        var cancel = limit.Token;
        var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"), cancel);
        Directory.CreateDirectory(ToolsFolder.Root);
        using var mine = await FileLock.AcquireAsync(Path.Combine(ToolsFolder.Root, "e2e.lock"), cancel);
        var mark = Path.Combine(Folder, "node_modules", Done);
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, cancel) == wanted) return;
        var fault = await Npm.RunAsync(Folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cancel);
        Assert.True(fault is null, fault);
        await File.WriteAllTextAsync(mark, wanted, cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One installation for all classes that run scripts.</summary>
[CollectionDefinition(nameof(SdkCollection))]
public sealed class SdkCollection : ICollectionFixture<SdkInstallation>;
