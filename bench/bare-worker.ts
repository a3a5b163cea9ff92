/** The peer that costs least: a Hono Worker that parses the same JSON and answers with it. */
import { Hono } from 'hono'

const app = new Hono()
app.post('/v1/predict', async (context) => context.json(await context.req.json()))

export default app
