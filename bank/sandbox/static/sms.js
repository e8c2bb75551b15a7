import { followMessages, start } from "./page.js";

start();
followMessages();
