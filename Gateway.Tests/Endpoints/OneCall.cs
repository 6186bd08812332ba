using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Calls;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>The buffer of a call's message and the budget that it counts in, without a call.</summary>
internal static class OneCall
{
    public static (BytesInFlight Budget, MessageBuffer Message) Begin(long limit = 1L << 30)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var budget = new BytesInFlight(Options.Create(new ApiOptions { MaxBytesInFlight = limit }), meters);
        return (budget, new MessageBuffer(new CallBytes(budget, 1), MessageLimit.Bytes));
    }
}
