using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Sends an envelope again until it is answered, or until its budget is spent where that is expected.</summary>
internal static class ChaosCaller
{
    private const string CostTrailer = "xmtp-cost-picodollars";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    // Longer than an attempt at a silent node, and than the lease of a claim.
    private static readonly TimeSpan PatientTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);

    /// <summary>Publishes.</summary>
    /// <param name="publish">What to publish; it gets all that happens.</param>
    /// <param name="gateway">Chooses where each attempt goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="isPatient">Whether each call may take longer than a claim lasts.</param>
    /// <exception cref="OperationCanceledException">It was not answered before the token was cancelled.</exception>
    public static async Task PublishAsync(
        ChaosPublish publish, Func<(int Number, GrpcChannel Channel)> gateway, CancellationToken cancellationToken, bool isPatient = false)
    {
        var request = new PublishClientEnvelopesRequest { Envelopes = { publish.Envelope } };
        var headers = new Metadata { { "authorization", "Bearer " + publish.Identity.Token } };
        while (true)
        {
            var (number, channel) = gateway();
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                using var call = new PayerApi.PayerApiClient(channel).PublishClientEnvelopesAsync(
                    request,
                    headers,
                    deadline: (TimeProvider.System.GetUtcNow() + (isPatient ? PatientTimeout : CallTimeout)).UtcDateTime,
                    cancellationToken: cancellationToken);
                var answer = (await call.ResponseAsync).OriginatorEnvelopes.Single();
                var cost = long.TryParse(call.GetTrailers().GetValue(CostTrailer), out var picodollars) ? picodollars : 0;
                publish.Add(new ChaosAttempt(number, began, TimeProvider.System.GetTimestamp(), answer, cost, null));
                return;
            }
            catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
            {
                var failed = ChaosError.Of(error);
                publish.Add(new ChaosAttempt(number, began, TimeProvider.System.GetTimestamp(), null, 0, failed));
                if (failed.IsOverBudget && publish.Identity.Habit == ChaosHabit.Spends)
                {
                    publish.IsGivenUp = true;
                    return;
                }

                await Task.Delay(RetryDelay, TimeProvider.System, cancellationToken);
            }
            catch (RpcException)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
