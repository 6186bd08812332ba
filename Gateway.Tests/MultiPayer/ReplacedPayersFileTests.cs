using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What a gateway keeps of a payers file that another content has replaced.</summary>
public sealed class ReplacedPayersFileTests(ChangingPayersFixture box) : IClassFixture<ChangingPayersFixture>
{
    [Fact]
    public async Task Neither_the_file_nor_the_settings_of_its_payers_are_kept_in_memory()
    {
        box.File.With("limited", 60, ChangingPayersFixture.ByKey("limited", """ "limits": "100/1s", """));
        await box.EndsWithAsync(StatusCode.OK, "limited", 60);
        var replaced = Find();
        box.File.Without("limited");
        await box.EndsWithAsync(StatusCode.PermissionDenied, "limited", 61);

        await Eventually.IsAsync(
            () =>
            {
                GC.Collect();
                return !replaced.Any(one => one.IsAlive);
            },
            "they are collected");
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(62), ChangingPayersFixture.KeyOf("stays"))).Code);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference[] Find()
    {
        var reading = box.Network.GatewayServices.GetRequiredService<PayerSet>().Reading;
        return [new(reading), new(reading.Document.Payers.Single(payer => payer.Name == "limited").Settings)];
    }
}
